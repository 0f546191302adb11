{{ config(materialized='view') }}

-- one row per user, date and fact of that date, which is not 0
with

sessions as (

    select * from {{ ref('int_feed__sessions') }}

),

aggregated_to_day as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        cast(started_at as date) as activity_date,
        1 as active,
        count(*) as sessions,
        sum(card_view_count) as card_views,
        count(case when card_view_count = 1 then 1 end) as bounces,
        sum(distinct_content_count) as distinct_content

    from sessions

    group by unit_id, activity_date

),

facts as (

    {{ unpivoted(
        'aggregated_to_day', ['unit_id', 'activity_date'],
        ['active', 'sessions', 'card_views', 'bounces', 'distinct_content']
    ) }}

)

select * from facts
