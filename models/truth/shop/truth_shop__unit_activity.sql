-- one row per experiment, exposed unit and day with a session from the exposure on:
-- what the day comes to in either arm
with

exposures as (

    select * from {{ ref('gen_shop__exposures') }}

    where is_assigned

),

outcomes as (

    select
        user_id,
        variant,
        purchase_count,
        revenue_cents,
        {{ timestamp_from_ms('started_at_ms') }} as started_at

    from {{ ref('gen_shop__session_outcomes') }}

),

variants as (

    select * from {{ ref('shop_variants') }}

),

dated as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        outcomes.purchase_count,
        outcomes.revenue_cents,
        {{ days_between('exposures.exposed_at', 'outcomes.started_at') }}
            as days_since_exposure,
        case when variants.is_treated then 1 else 0 end as arm

    from exposures
    inner join outcomes on exposures.unit_id = outcomes.user_id
    inner join variants
        on
            exposures.experiment_id = variants.experiment_id
            and outcomes.variant = variants.variant

    where outcomes.started_at >= exposures.exposed_at

),

aggregated_to_day as (

    select
        experiment_id,
        unit_id,
        {%- for arm in [0, 1] %}
            count(case when arm = {{ arm }} then 1 end) as y{{ arm }}_session_count,
            count(case when arm = {{ arm }} and purchase_count > 0 then 1 end)
                as y{{ arm }}_order_count,
            cast(
                sum(case when arm = {{ arm }} then purchase_count else 0 end) as bigint
            ) as y{{ arm }}_purchase_count,
            cast(
                sum(case when arm = {{ arm }} then revenue_cents else 0 end) as bigint
            ) as y{{ arm }}_revenue_cents,
        {%- endfor %}
        days_since_exposure

    from dated

    group by experiment_id, unit_id, days_since_exposure

)

select * from aggregated_to_day
