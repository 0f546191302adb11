{{ config(group='generator', tags=['learning']) }}

-- one row per user that is staged but not generated, or not staged though delivered
with

generated as (

    select
        user_id,
        signup_date,
        plan,
        case when is_paid then 1 else 0 end as is_paid,
        country,
        marketing_source,
        received_at

    from {{ ref('gen_learning__users') }}

    where {{ delivered('learning') }}

),

staged as (

    select
        user_id,
        signup_date,
        plan,
        is_paid,
        country,
        marketing_source,
        received_at

    from {{ ref('stg_learning__users') }}

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
