{{ config(materialized='view') }}

-- one row per user, variant, date from the exposure on and fact of that date under that
-- variant, which is not 0
with

sessions as (

    select * from {{ ref('truth_feed__session_outcomes') }}

),

aggregated_to_day as (

    select
        user_id,
        variant,
        cast({{ timestamp_from_ms('started_at_ms') }} as date) as activity_date,
        1 as active,
        count(*) as sessions,
        sum(card_view_count) as card_views,
        count(case when card_view_count = 1 then 1 end) as bounces,
        sum(distinct_content_count) as distinct_content

    from sessions

    group by user_id, variant, activity_date

),

identified as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        variant,
        activity_date,
        active,
        sessions,
        card_views,
        bounces,
        distinct_content

    from aggregated_to_day

),

facts as (

    {{ unpivoted(
        'identified', ['unit_id', 'variant', 'activity_date'],
        ['active', 'sessions', 'card_views', 'bounces', 'distinct_content']
    ) }}

)

select * from facts
