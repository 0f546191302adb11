-- one row per experiment, exposed unit, metric, day with a session and arm: what the day
-- comes to in that arm
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

metrics as (

    select * from {{ ref('metrics') }}

),

dated as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        outcomes.purchase_count,
        outcomes.revenue_cents,
        {{ days_between('exposures.exposed_at', 'outcomes.started_at') }}
            as days_since_exposure,
        variants.is_treated

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
        days_since_exposure,
        is_treated,
        count(*) as session_count,
        count(case when purchase_count > 0 then 1 end) as order_count,
        cast(sum(purchase_count) as bigint) as purchase_count,
        cast(sum(revenue_cents) as bigint) as revenue_cents

    from dated

    group by experiment_id, unit_id, days_since_exposure, is_treated

),

measured as (

    select
        days.experiment_id,
        days.unit_id,
        metrics.metric,
        days.days_since_exposure,
        case metrics.metric
            when 'converted_28d' then least(days.purchase_count, 1)
            when 'purchases_per_session_28d' then days.purchase_count
            when 'revenue_cents_28d' then days.revenue_cents
            when 'average_order_cents_28d' then days.revenue_cents
        end as numerator,
        case metrics.metric
            when 'purchases_per_session_28d' then days.session_count
            when 'average_order_cents_28d' then days.order_count
        end as denominator,
        days.is_treated

    from aggregated_to_day as days
    inner join metrics on days.experiment_id = metrics.experiment_id

)

select * from measured
