-- one row per experiment, exposed unit and day with a session: what the day comes to in
-- either arm
with

sessions as (

    select * from {{ ref('truth_search__session_outcomes') }}

),

-- visitors are exposed by their first session
dated as (

    select
        *,
        {{ days_between(
            'min(started_at) over (partition by experiment_id, unit_id)', 'started_at'
        ) }} as days_since_exposure,
        case when is_treated then 1 else 0 end as arm

    from sessions

),

aggregated_to_day as (

    select
        experiment_id,
        unit_id,
        {%- for arm in [0, 1] %}
            cast(
                sum(case when arm = {{ arm }} then search_count else 0 end) as bigint
            ) as y{{ arm }}_search_count,
            cast(
                sum(case when arm = {{ arm }} then clicked_search_count else 0 end)
                as bigint
            ) as y{{ arm }}_clicked_search_count,
            cast(
                sum(case when arm = {{ arm }} then click_count else 0 end) as bigint
            ) as y{{ arm }}_click_count,
            cast(
                sum(case when arm = {{ arm }} then click_wait_ms else 0 end) as bigint
            ) as y{{ arm }}_click_wait_ms,
            cast(
                sum(case when arm = {{ arm }} then conversion_count else 0 end)
                as bigint
            ) as y{{ arm }}_conversion_count,
            cast(
                sum(case when arm = {{ arm }} then commission_cents else 0 end)
                as bigint
            ) as y{{ arm }}_commission_cents,
        {%- endfor %}
        days_since_exposure

    from dated

    group by experiment_id, unit_id, days_since_exposure

)

select * from aggregated_to_day
