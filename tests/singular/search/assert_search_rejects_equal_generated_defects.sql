{{ config(group='generator', tags=['search']) }}

-- one row per raw table and reason whose rejects are not the delivered defects
with

searches as (

    select event_id from {{ ref('gen_search__search_events') }}

    where {{ delivered('search') }}

),

clicks as (

    select
        event_id,
        search_event_id

    from {{ ref('gen_search__click_events') }}

    where {{ delivered('search') }}

),

conversions as (

    select click_event_id from {{ ref('gen_search__conversion_events') }}

    where {{ delivered('search') }}

),

rejects as (

    select
        raw_table,
        reject_reason,
        reject_count

    from {{ ref('stg_search__rejects') }}

),

accepted_clicks as (

    select clicks.event_id

    from clicks
    inner join searches on clicks.search_event_id = searches.event_id

),

clicks_ahead_of_their_search as (

    select clicks.event_id

    from clicks
    left join searches on clicks.search_event_id = searches.event_id

    where searches.event_id is null

),

conversions_ahead_of_their_click as (

    select conversions.click_event_id

    from conversions
    left join accepted_clicks on conversions.click_event_id = accepted_clicks.event_id

    where accepted_clicks.event_id is null

),

expected_rejects as (

    select
        'raw_search__searches' as raw_table,
        kind as reject_reason

    from {{ ref('gen_search__search_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__impressions' as raw_table,
        kind as reject_reason

    from {{ ref('gen_search__impression_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__clicks' as raw_table,
        kind as reject_reason

    from {{ ref('gen_search__click_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__conversions' as raw_table,
        kind as reject_reason

    from {{ ref('gen_search__conversion_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__exposures' as raw_table,
        kind as reject_reason

    from {{ ref('gen_search__exposure_defects') }}

    where is_extra_row and {{ delivered('search') }}

    union all

    select
        'raw_search__clicks' as raw_table,
        'unknown_parent' as reject_reason

    from clicks_ahead_of_their_search

    union all

    select
        'raw_search__conversions' as raw_table,
        'unknown_parent' as reject_reason

    from conversions_ahead_of_their_click

),

expected as (

    select
        raw_table,
        reject_reason,
        count(*) as reject_count

    from expected_rejects

    group by raw_table, reject_reason

),

compared as (

    select
        coalesce(expected.raw_table, rejects.raw_table) as raw_table,
        coalesce(expected.reject_reason, rejects.reject_reason) as reject_reason,
        coalesce(expected.reject_count, 0) as expected_count,
        coalesce(rejects.reject_count, 0) as reject_count

    from expected
    full join rejects
        on
            expected.raw_table = rejects.raw_table
            and expected.reject_reason = rejects.reject_reason

)

select * from compared

where expected_count != reject_count
