{{ config(materialized='view') }}

-- one row per experiment, exposed unit, metric and day with a session from the exposure
-- on: what the day comes to in either arm
with

activity as (

    select * from {{ ref('truth_shop__unit_activity') }}

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
                when 'converted_28d' then least(activity.{{ arm }}_purchase_count, 1)
                when 'purchases_per_session_28d' then activity.{{ arm }}_purchase_count
                when 'revenue_cents_28d' then activity.{{ arm }}_revenue_cents
                when 'average_order_cents_28d' then activity.{{ arm }}_revenue_cents
            end as {{ arm }}_numerator,
            case metrics.metric
                when 'purchases_per_session_28d' then activity.{{ arm }}_session_count
                when 'average_order_cents_28d' then activity.{{ arm }}_order_count
            end as {{ arm }}_denominator,
        {%- endfor %}
        activity.days_since_exposure

    from activity
    inner join metrics on activity.experiment_id = metrics.experiment_id

)

select * from measured
