{{ config(group='generator', tags=['search']) }}

-- one row per exposure that is staged but not generated, or not staged though delivered
with

generated as (

    select
        experiment_id,
        unit_id,
        variant,
        assignment_probability,
        assigned_at,
        exposed_at,
        received_at

    from {{ ref('gen_search__exposures') }}

    where {{ delivered('search') }}

),

staged as (

    select
        experiment_id,
        unit_id,
        variant,
        assignment_probability,
        assigned_at,
        exposed_at,
        received_at

    from {{ ref('stg_search__exposures') }}

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
