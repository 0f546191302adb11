{{ config(group='generator', tags=['search']) }}

-- one row per raw table whose rows are not as many as delivered ones and extra defects
with

counted as (

    select
        'raw_search__searches' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__search_events') }}

    where {{ delivered('search') }}

    union all

    select
        'raw_search__searches' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__search_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__searches' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_search__searches') }}

    union all

    select
        'raw_search__impressions' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__impressions') }}

    where {{ delivered('search') }}

    union all

    select
        'raw_search__impressions' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__impression_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__impressions' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_search__impressions') }}

    union all

    select
        'raw_search__clicks' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__click_events') }}

    where {{ delivered('search') }}

    union all

    select
        'raw_search__clicks' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__click_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__clicks' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_search__clicks') }}

    union all

    select
        'raw_search__conversions' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__conversion_events') }}

    where {{ delivered('search') }}

    union all

    select
        'raw_search__conversions' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__conversion_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__conversions' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_search__conversions') }}

    union all

    select
        'raw_search__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__exposures') }}

    where {{ delivered('search') }}

    union all

    select
        'raw_search__exposures' as raw_table,
        0 as raw_count,
        count(*) as expected_count

    from {{ ref('gen_search__exposure_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__exposures' as raw_table,
        count(*) as raw_count,
        0 as expected_count

    from {{ ref('raw_search__exposures') }}

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
