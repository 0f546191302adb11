-- one row per platform and step: sessions that came so far
create or replace temp table figure as
with

platforms as (

    select
        platform,
        cast(sum(session_count) as bigint) as sessions,
        cast(sum(converted_session_count + engaged_session_count) as bigint) as clicked,
        cast(sum(converted_session_count) as bigint) as booked

    from marts.search__funnel_daily

    group by platform

),

steps as (

    select
        platform,
        unnest(range(3)) as step_number,
        unnest(['searched', 'clicked a result', 'booked']) as step,
        unnest([sessions, clicked, booked]) as amount

    from platforms

)

select
    platform as panel,
    step_number,
    step,
    amount,
    cast(amount as double)
    / nullif(first_value(amount) over (partition by platform order by step_number), 0)
        as share,
    cast(amount as double)
    / nullif(lag(amount) over (partition by platform order by step_number), 0)
        as share_of_previous
from steps
order by list_position(['web', 'ios', 'android'], platform), step_number;

-- one row: what the sentence says
select
    cast(sum(amount) filter (step_number = 0) as bigint) as sessions,
    cast(sum(amount) filter (step_number = 1) as double)
    / nullif(sum(amount) filter (step_number = 0), 0) as click_share,
    cast(sum(amount) filter (step_number = 2) as double)
    / nullif(sum(amount) filter (step_number = 0), 0) as booking_share
from figure
