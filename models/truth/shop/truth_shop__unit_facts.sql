{{ config(materialized='view') }}

-- one row per user, variant, date from the experiment's start on and fact of that date
-- under that variant, which is not 0
with

sessions as (

    select * from {{ ref('gen_shop__session_outcomes') }}

    where day >= {{ shop_experiment_day() }}

),

aggregated_to_day as (

    select
        user_id as unit_id,
        variant,
        cast({{ timestamp_from_ms('started_at_ms') }} as date) as activity_date,
        1 as active,
        count(*) as sessions,
        count(case when purchase_count > 0 then 1 end) as orders,
        sum(purchase_count) as purchases,
        sum(revenue_cents) as revenue_cents

    from sessions

    group by unit_id, variant, activity_date

),

facts as (

    {{ unpivoted(
        'aggregated_to_day', ['unit_id', 'variant', 'activity_date'],
        ['active', 'sessions', 'orders', 'purchases', 'revenue_cents']
    ) }}

)

select * from facts
