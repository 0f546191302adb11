{{ config(tags=['search']) }}

-- one row per session with two contexts, with a device that its platform has not, or
-- that is both known and anonymous, or neither
with

searches as (

    select
        session_id,
        concat(
            coalesce(user_id, '-'), '|',
            coalesce(cast(anonymous_id as {{ dbt.type_string() }}), '-'), '|',
            platform, '|', device_type, '|', geo_country, '|', geo_city, '|',
            coalesce(utm_source, '-'), '|', coalesce(utm_medium, '-'), '|',
            coalesce(utm_campaign, '-')
        ) as context,
        (user_id is null) = (anonymous_id is null) as is_nobody_or_both,
        platform != 'web' and device_type != 'mobile' as is_impossible_device

    from {{ ref('stg_search__searches') }}

),

aggregated_to_session as (

    select
        session_id,
        min(context) as first_context,
        max(context) as last_context,
        count(case when is_nobody_or_both or is_impossible_device then 1 end)
            as fault_count

    from searches

    group by session_id

)

select * from aggregated_to_session

where first_context != last_context or fault_count > 0
