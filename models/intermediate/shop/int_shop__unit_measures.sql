-- one row per experiment, unit, measure and day with a session, before exposure and after
with

exposures as (

    select * from {{ ref('int_shop__exposures') }}

),

sessions as (

    select
        user_id,
        purchase_count,
        revenue_cents,
        {{ timestamp_from_ms('started_at_ms') }} as started_at

    from {{ ref('int_shop__sessions') }}

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

dated as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        sessions.purchase_count,
        sessions.revenue_cents,
        {{ days_between('exposures.first_exposed_at', 'sessions.started_at') }}
            as days_since_exposure,
        cast(sessions.started_at as date) as activity_date

    from exposures
    inner join sessions on exposures.unit_id = sessions.user_id

),

aggregated_to_day as (

    select
        experiment_id,
        unit_id,
        activity_date,
        days_since_exposure,
        count(*) as session_count,
        count(case when purchase_count > 0 then 1 end) as order_count,
        cast(sum(purchase_count) as bigint) as purchase_count,
        cast(sum(revenue_cents) as bigint) as revenue_cents

    from dated

    group by experiment_id, unit_id, activity_date, days_since_exposure

),

measured as (

    select
        days.experiment_id,
        days.unit_id,
        measures.metric,
        days.days_since_exposure,
        case measures.metric
            when 'active' then cast(1 as bigint)
            when 'converted_28d' then least(days.purchase_count, 1)
            when 'purchases_per_session_28d' then days.purchase_count
            when 'revenue_cents_28d' then days.revenue_cents
            when 'average_order_cents_28d' then days.revenue_cents
        end as numerator,
        case measures.metric
            when 'purchases_per_session_28d' then days.session_count
            when 'average_order_cents_28d' then days.order_count
        end as denominator,
        days.activity_date

    from aggregated_to_day as days
    inner join measures on days.experiment_id = measures.experiment_id

)

select * from measured
