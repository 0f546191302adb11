{{ config(group='generator', tags=['feed']) }}

-- one row per raw table whose rows are not as many as delivered ones and extra defects
with

counted as (

    select
        'raw_feed__users' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_feed__users') }}

    where {{ delivered('feed') }}

    union all

    select
        'raw_feed__users' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_feed__user_defects') }}

    where is_extra_row and {{ delivered('feed') }}

    union all

    select
        'raw_feed__users' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_feed__users') }}

    union all

    select
        'raw_feed__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_feed__exposures') }}

    where {{ delivered('feed') }}

    union all

    select
        'raw_feed__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_feed__exposure_defects') }}

    where is_extra_row and {{ delivered('feed') }}

    union all

    select
        'raw_feed__exposures' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_feed__exposures') }}

    union all

    select
        'raw_feed__events' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_feed__events') }}

    where {{ delivered('feed') }}

    union all

    select
        'raw_feed__events' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_feed__event_defects') }}

    where is_extra_row and {{ delivered('feed') }}

    union all

    select
        'raw_feed__events' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_feed__events') }}

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
