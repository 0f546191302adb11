{{ config(group='generator', tags=['shop']) }}

-- one row per user that is staged but not generated, or not staged though delivered
with

generated as (

    select
        user_id,
        registration_date,
        received_at

    from {{ ref('gen_shop__users') }}

    where {{ delivered('shop') }}

),

staged as (

    select
        user_id,
        registration_date,
        received_at

    from {{ ref('stg_shop__users') }}

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
