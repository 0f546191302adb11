-- one row per day: its sessions, and how many of them had an event of each kind
with

sessions as (

    select * from {{ ref('custom__sessions') }}

),

days as (

    select
        {{ date_of_day('custom', 'day_number') }} as session_date

    from {{ series(
        0, (last_delivered_date('custom') - world_start_date('custom')).days + 1,
        'day_number'
    ) }} as days

),

aggregated_to_day as (

    select
        session_date,
        {{- listed(
            declared_names('events'),
            'count(case when {}_count > 0 then 1 end) as session_with_{}_count'
        ) }}
        count(*) as session_count

    from sessions

    group by session_date

),

filled as (

    select
        days.session_date,
        {{- listed(
            declared_names('events'),
            'coalesce(sessions.session_with_{}_count, 0) as session_with_{}_count'
        ) }}
        coalesce(sessions.session_count, 0) as session_count

    from days
    left join aggregated_to_day as sessions on days.session_date = sessions.session_date

)

select * from filled
