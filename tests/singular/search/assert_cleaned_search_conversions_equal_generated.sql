{{ config(group='generator', tags=['search']) }}

-- one row per conversion staged but not generated, or not staged though delivered
with

conversions as (

    select * from {{ ref('gen_search__conversion_events') }}

    where {{ delivered('search') }}

),

clicks as (

    select
        event_id,
        search_event_id

    from {{ ref('gen_search__click_events') }}

    where {{ delivered('search') }}

),

searches as (

    select event_id from {{ ref('gen_search__search_events') }}

    where {{ delivered('search') }}

),

-- a conversion is accepted once its click and search are delivered
generated as (

    select
        conversions.event_id,
        conversions.event_type,
        conversions.timestamp,
        conversions.user_id,
        conversions.anonymous_id,
        conversions.session_id,
        conversions.click_event_id,
        conversions.booking_value,
        conversions.commission,
        conversions.currency,
        conversions.product_type,
        conversions.provider,
        conversions.received_at

    from conversions
    inner join clicks on conversions.click_event_id = clicks.event_id
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
        click_event_id,
        booking_value,
        commission,
        currency,
        product_type,
        provider,
        received_at

    from {{ ref('stg_search__conversions') }}

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
