{{ config(materialized='view') }}

-- one row per experiment, exposed unit, metric and day with a session: what the day
-- comes to in either arm
with

activity as (

    select * from {{ ref('truth_search__unit_activity') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

measured as (

    select
        activity.experiment_id,
        activity.unit_id,
        metrics.metric,
        {%- for arm in ['y0', 'y1'] %}
            case metrics.metric
                when 'search_click_rate_7d' then activity.{{ arm }}_clicked_search_count
                when 'clicks_per_search_7d' then activity.{{ arm }}_click_count
                when 'bookings_7d' then activity.{{ arm }}_conversion_count
                when 'commission_cents_7d' then activity.{{ arm }}_commission_cents
                when 'converted_7d' then least(activity.{{ arm }}_conversion_count, 1)
                when 'time_to_click_ms_7d' then activity.{{ arm }}_click_wait_ms
            end as {{ arm }}_numerator,
            case metrics.metric
                when 'search_click_rate_7d' then activity.{{ arm }}_search_count
                when 'clicks_per_search_7d' then activity.{{ arm }}_search_count
                when 'time_to_click_ms_7d'
                    then activity.{{ arm }}_clicked_search_count
            end as {{ arm }}_denominator,
        {%- endfor %}
        activity.days_since_exposure

    from activity
    inner join metrics on activity.experiment_id = metrics.experiment_id

)

select * from measured
