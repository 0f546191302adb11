{{ config(materialized='view') }}

-- one row per user, date and fact of that date, which is not 0
with

sessions as (

    select * from {{ ref('int_shop__sessions') }}

),

aggregated_to_day as (

    select
        user_id as unit_id,
        cast({{ timestamp_from_ms('started_at_ms') }} as date) as activity_date,
        1 as active,
        count(*) as sessions,
        count(case when purchase_count > 0 then 1 end) as orders,
        sum(purchase_count) as purchases,
        sum(revenue_cents) as revenue_cents

    from sessions

    group by unit_id, activity_date

),

facts as (

    {{ unpivoted(
        'aggregated_to_day', ['unit_id', 'activity_date'],
        ['active', 'sessions', 'orders', 'purchases', 'revenue_cents']
    ) }}

)

select * from facts
