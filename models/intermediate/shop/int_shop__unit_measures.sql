{{ config(materialized='view') }}

-- one row per experiment, unit, measure and day with a session, before exposure
-- and after
with

activity as (

    select * from {{ ref('int_shop__unit_activity') }}

),

measures as (

    select
        experiment_id,
        metric

    from {{ ref('metrics') }}

    union all

    select
        experiment_id,
        'active' as metric

    from {{ ref('experiments') }}

),

measured as (

    select
        activity.experiment_id,
        activity.unit_id,
        measures.metric,
        activity.days_since_exposure,
        case measures.metric
            when 'active' then cast(1 as bigint)
            when 'converted_28d' then least(activity.purchase_count, 1)
            when 'purchases_per_session_28d' then activity.purchase_count
            when 'revenue_cents_28d' then activity.revenue_cents
            when 'average_order_cents_28d' then activity.revenue_cents
        end as numerator,
        case measures.metric
            when 'purchases_per_session_28d' then activity.session_count
            when 'average_order_cents_28d' then activity.order_count
        end as denominator,
        activity.activity_date

    from activity
    inner join measures on activity.experiment_id = measures.experiment_id

)

select * from measured
