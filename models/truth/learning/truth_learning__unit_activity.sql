-- one row per experiment, exposed unit and day with an event in either arm: what it
-- comes to in each
with

exposures as (

    select * from {{ ref('truth_learning__exposures') }}

),

variants as (

    select * from {{ ref('learning_variants') }}

),

outcomes as (

    select * from {{ ref('truth_learning__session_outcomes') }}

),

dated as (

    select
        outcomes.*,
        exposures.experiment_id,
        exposures.unit_id,
        outcomes.day_number - exposures.exposure_day as days_since_exposure,
        exposures.followed_days

    from exposures
    inner join outcomes on exposures.user_number = outcomes.user_number

    where outcomes.day_number >= exposures.exposure_day

),

aggregated_to_day as (

    select
        dated.experiment_id,
        dated.unit_id,
        dated.days_since_exposure,
        {%- for measure in [
            'session_count', 'watch_hundredths', 'quiz_count', 'score_hundredths',
            'payment_count', 'failed_payment_count',
        ] %}
            cast(sum(
                case when variants.is_treated then 0 else dated.{{ measure }} end
            ) as bigint) as y0_{{ measure }},
            cast(sum(
                case when variants.is_treated then dated.{{ measure }} else 0 end
            ) as bigint) as y1_{{ measure }},
        {%- endfor %}
        dated.followed_days

    from dated
    inner join variants on dated.variant = variants.variant

    group by
        dated.experiment_id, dated.unit_id, dated.days_since_exposure,
        dated.followed_days

)

select * from aggregated_to_day
