{{ config(group='generator', tags=['search']) }}

-- one row per search that is staged but not generated, or not staged though delivered
with

generated as (

    select
        event_id,
        event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        query,
        results_count,
        page,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        filters,
        received_at

    from {{ ref('gen_search__search_events') }}

    where {{ delivered('search') }}

),

staged as (

    select
        event_id,
        event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        query,
        results_count,
        page,
        platform,
        device_type,
        geo_country,
        geo_city,
        utm_source,
        utm_medium,
        utm_campaign,
        filters,
        received_at

    from {{ ref('stg_search__searches') }}

),

missing as (

    select * from generated

    except all

    select * from staged

),

invented as (

    select * from staged

    except all

    select * from generated

),

different as (

    select * from missing

    union all

    select * from invented

)

-- the linter does not count columns through `except all`
select * from different -- noqa: AM04
