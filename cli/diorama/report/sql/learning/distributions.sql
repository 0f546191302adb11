-- one row per quantity, kind and bin, from low (inclusive) to high; the last bin has
-- all above
create or replace temp table figure as
with

watched as (

    select
        'Minutes per video watched' as panel,
        'all' as kind,
        least(cast(floor(watch_minutes / 5) as bigint) * 5, 180) as low,
        5 as width

    from staging.stg_learning__events

    where event_type = 'video_watch'

),

scores as (

    select
        'Quiz score' as panel,
        'all' as kind,
        least(cast(floor(quiz_score / 5) as bigint) * 5, 95) as low,
        5 as width

    from staging.stg_learning__events

    where event_type = 'quiz_attempt'

),

events as (

    select
        'Events per active day' as panel,
        'all' as kind,
        least(total_events, 20) as low,
        1 as width

    from marts.learning__user_daily

    where is_active_day = 1

),

quantities as (

    select * from watched

    union all

    select * from scores

    union all

    select * from events

)

select
    panel,
    kind,
    low,
    low + any_value(width) as high,
    count(*) as amount,
    cast(count(*) as double)
    / nullif(sum(count(*)) over (partition by panel, kind), 0) as share
from quantities
group by panel, kind, low
order by
    list_position(
        [
            'Minutes per video watched',
            'Quiz score',
            'Events per active day'
        ],
        panel
    ),
    kind,
    low;

-- one row: what the sentence says
select
    cast(avg(watch_minutes) filter (event_type = 'video_watch') as double)
        as minutes_mean,
    cast(avg(quiz_score) as double) as score_mean,
    cast(quantile_disc(quiz_score, 0.5) as double) as score_median
from staging.stg_learning__events
