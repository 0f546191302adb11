{{ config(group='generator', tags=['learning']) }}

-- one row per raw table whose rows are not as many as delivered ones and extra defects
with

counted as (

    select
        'raw_learning__users' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_learning__users') }}

    where {{ delivered('learning') }}

    union all

    select
        'raw_learning__users' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_learning__user_defects') }}

    where is_extra_row and {{ delivered('learning') }}

    union all

    select
        'raw_learning__users' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_learning__users') }}

    union all

    select
        'raw_learning__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_learning__exposures') }}

    where {{ delivered('learning') }}

    union all

    select
        'raw_learning__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_learning__exposure_defects') }}

    where is_extra_row and {{ delivered('learning') }}

    union all

    select
        'raw_learning__exposures' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_learning__exposures') }}

    union all

    select
        'raw_learning__events' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_learning__events') }}

    where {{ delivered('learning') }}

    union all

    select
        'raw_learning__events' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_learning__event_defects') }}

    where is_extra_row and {{ delivered('learning') }}

    union all

    select
        'raw_learning__events' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_learning__events') }}

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
