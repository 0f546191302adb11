{{ config(group='generator', tags=['search']) }}

-- one row per click that is staged but not generated, or not staged though delivered
with

clicks as (

    select * from {{ ref('gen_search__click_events') }}

    where {{ delivered('search') }}

),

searches as (

    select event_id from {{ ref('gen_search__search_events') }}

    where {{ delivered('search') }}

),

-- a click is accepted once its search is delivered
generated as (

    select
        clicks.event_id,
        clicks.event_type,
        clicks.timestamp,
        clicks.user_id,
        clicks.anonymous_id,
        clicks.session_id,
        clicks.search_event_id,
        clicks.result_id,
        clicks.result_position,
        clicks.result_type,
        clicks.result_price,
        clicks.result_provider,
        clicks.result_destination,
        clicks.received_at

    from clicks
    inner join searches on clicks.search_event_id = searches.event_id

),

staged as (

    select
        event_id,
        event_type,
        timestamp,
        user_id,
        anonymous_id,
        session_id,
        search_event_id,
        result_id,
        result_position,
        result_type,
        result_price,
        result_provider,
        result_destination,
        received_at

    from {{ ref('stg_search__clicks') }}

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
