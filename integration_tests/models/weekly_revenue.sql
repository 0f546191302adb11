-- one row per week
with

days as (

    select * from {{ ref('diorama', 'shop__funnel_daily') }}

),

aggregated_to_week as (

    select
        cast(date_trunc('week', session_date) as date) as week_start_date,
        sum(revenue_cents) as revenue_cents

    from days

    group by week_start_date

)

select * from aggregated_to_week
