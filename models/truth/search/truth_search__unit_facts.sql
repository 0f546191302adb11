{{ config(materialized='view') }}

-- one row per visitor, variant, date and fact of that date under that variant, which is
-- not 0
with

sessions as (

    select * from {{ ref('truth_search__session_outcomes') }}

),

aggregated_to_day as (

    select
        unit_id,
        variant,
        cast(started_at as date) as activity_date,
        1 as active,
        sum(search_count) as searches,
        sum(clicked_search_count) as clicked_searches,
        sum(click_count) as clicks,
        sum(click_wait_ms) as click_wait_ms,
        sum(conversion_count) as bookings,
        sum(commission_cents) as commission_cents

    from sessions

    group by unit_id, variant, activity_date

),

facts as (

    {{ unpivoted(
        'aggregated_to_day', ['unit_id', 'variant', 'activity_date'],
        [
            'active', 'searches', 'clicked_searches', 'clicks', 'click_wait_ms',
            'bookings', 'commission_cents',
        ]
    ) }}

)

select * from facts
