{{ config(group='generator', tags=['shop']) }}

-- one row per item that is staged but not generated, or not staged though delivered
with

generated as (

    select
        item_id,
        category,
        {{ shop_money('base_price_cents') }} as base_price,
        cast(discount_pct as integer) as discount_pct,
        {{ shop_money('current_price_cents') }} as current_price,
        created_at,
        received_at

    from {{ ref('gen_shop__items') }}

    where {{ delivered('shop') }}

),

staged as (

    select
        item_id,
        category,
        base_price,
        discount_pct,
        current_price,
        created_at,
        received_at

    from {{ ref('stg_shop__items') }}

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
