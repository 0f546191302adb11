{{ config(materialized='view') }}

-- one row per user, date and fact of that date, which is not 0
with

sessions as (

    select * from {{ ref('int_custom__sessions') }}

),

aggregated_to_day as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        cast(started_at as date) as activity_date,
        {{ summed_facts() }}

    from sessions

    group by unit_id, activity_date

),

facts as (

    {{ unpivoted('aggregated_to_day', ['unit_id', 'activity_date'], fact_columns()) }}

)

select * from facts
