{{ config(group='generator', tags=['shop']) }}

-- one row per raw table whose rows are not as many as delivered ones and extra defects
with

counted as (

    select
        'raw_shop__items' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__items') }}

    where {{ delivered('shop') }}

    union all

    select
        'raw_shop__items' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__item_defects') }}

    where is_extra_row and {{ delivered('shop') }}

    union all

    select
        'raw_shop__items' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_shop__items') }}

    union all

    select
        'raw_shop__users' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__users') }}

    where {{ delivered('shop') }}

    union all

    select
        'raw_shop__users' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__user_defects') }}

    where is_extra_row and {{ delivered('shop') }}

    union all

    select
        'raw_shop__users' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_shop__users') }}

    union all

    select
        'raw_shop__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__exposures') }}

    where {{ delivered('shop') }}

    union all

    select
        'raw_shop__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__exposure_defects') }}

    where is_extra_row and {{ delivered('shop') }}

    union all

    select
        'raw_shop__exposures' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_shop__exposures') }}

    union all

    select
        'raw_shop__events' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__events') }}

    where {{ delivered('shop') }}

    union all

    select
        'raw_shop__events' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_shop__event_defects') }}

    where is_extra_row and {{ delivered('shop') }}

    union all

    select
        'raw_shop__events' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_shop__events') }}

),

aggregated_to_table as (

    select
        raw_table,
        sum(raw_count) as raw_count,
        sum(expected_count) as expected_count

    from counted

    group by raw_table

)

select * from aggregated_to_table

where raw_count != expected_count
