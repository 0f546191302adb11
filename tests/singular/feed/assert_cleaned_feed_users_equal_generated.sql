{{ config(group='generator', tags=['feed']) }}

-- one row per user that is staged but not generated, or not staged though delivered
with

generated as (

    select
        user_id,
        signup_date,
        segment,
        feature_flag,
        received_at

    from {{ ref('gen_feed__users') }}

    where {{ delivered('feed') }}

),

staged as (

    select
        user_id,
        signup_date,
        segment,
        feature_flag,
        received_at

    from {{ ref('stg_feed__users') }}

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
