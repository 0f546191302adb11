-- one row per experiment, exposed unit and day with a session in either arm: what it
-- comes to in each
with

exposures as (

    select * from {{ ref('truth_feed__exposures') }}

),

sessions as (

    select * from {{ ref('truth_feed__session_outcomes') }}

),

aggregated_to_day as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        sessions.day_since_exposure as days_since_exposure,
        {%- for arm in [0, 1] %}
            count(case when sessions.y{{ arm }}_card_view_count > 0 then 1 end)
                as y{{ arm }}_session_count,
            count(case when sessions.y{{ arm }}_card_view_count = 1 then 1 end)
                as y{{ arm }}_bounce_count,
            cast(sum(sessions.y{{ arm }}_card_view_count) as bigint)
                as y{{ arm }}_card_view_count,
            cast(sum(sessions.y{{ arm }}_distinct_content_count) as bigint)
                as y{{ arm }}_distinct_content_count,
        {%- endfor %}
        exposures.followed_days

    from exposures
    inner join sessions on exposures.user_number = sessions.user_number

    group by
        exposures.experiment_id, exposures.unit_id, sessions.day_since_exposure,
        exposures.followed_days

)

select * from aggregated_to_day
