-- one row per known user and day from the first session to the last delivered day
with

sessions as (

    select * from {{ ref('search__sessions') }}

    where user_id is not null

),

sessions_aggregated_to_user_day as (

    select
        user_id,
        session_date,
        count(*) as session_count,
        cast(sum(search_count) as bigint) as search_count,
        cast(sum(clicked_search_count) as bigint) as clicked_search_count,
        cast(sum(click_count) as bigint) as click_count,
        cast(sum(conversion_count) as bigint) as conversion_count,
        cast(sum(booking_value) as decimal(18, 2)) as booking_value,
        cast(sum(commission) as decimal(18, 2)) as commission

    from sessions

    group by user_id, session_date

),

days_aggregated_to_user as (

    select
        user_id,
        min(session_date) as first_seen_date

    from sessions_aggregated_to_user_day

    group by user_id

),

followed as (

    select
        user_id,
        first_seen_date,
        {{ days_between(
            'first_seen_date', timestamp_literal(last_delivered_date('search'))
        ) }} as last_day

    from days_aggregated_to_user

),

expanded_to_days as (

    select
        user_id,
        first_seen_date,
        {{ unnest_range(0, 'last_day + 1') }} as days_since_first_seen

    from followed

),

dated as (

    select
        expanded_to_days.*,
        {{ add_days('first_seen_date', 'days_since_first_seen') }} as activity_date

    from expanded_to_days

),

filled as (

    select
        dated.user_id,
        dated.activity_date,
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(sessions.search_count, 0) as search_count,
        coalesce(sessions.clicked_search_count, 0) as clicked_search_count,
        coalesce(sessions.click_count, 0) as click_count,
        coalesce(sessions.conversion_count, 0) as conversion_count,
        cast(coalesce(sessions.booking_value, 0) as decimal(18, 2)) as booking_value,
        cast(coalesce(sessions.commission, 0) as decimal(18, 2)) as commission,
        dated.days_since_first_seen,
        coalesce(sessions.session_count, 0) > 0 as is_active_day

    from dated
    left join sessions_aggregated_to_user_day as sessions
        on
            dated.user_id = sessions.user_id
            and dated.activity_date = sessions.session_date

)

select * from filled
