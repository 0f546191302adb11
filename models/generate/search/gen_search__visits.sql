{{ config(materialized=large_view_or_table()) }}

-- one row per session: who visits, before what the visitor brings along
with

run as (

    select * from {{ ref('gen__run') }}

),

weekdays as (

    select * from {{ ref('search_weekdays') }}

),

users as (

    select * from {{ ref('gen_search__user_aliases') }}

),

world as (

    select
        {{ bits('run.root_key', 'search.world') }} as world_key,
        {{ bits('run.root_key', 'search.users.pool') }} as pool_key

    from run

),

days as (

    select
        series.day,
        {{ day_of_week(
            add_days("date '" ~ world_start_date('search') ~ "'", 'series.day')
        ) }} as weekday,
        {{ fold_in('world.world_key', 'series.day') }} as day_key,
        world.pool_key

    from {{ search_days() }} as series
    cross join world

),

counted as (

    select
        days.day,
        days.day_key,
        days.pool_key,
        cast(floor(
            weekdays.weight_percent
            * {{ double_literal(
                setting('search_sessions_per_day') * setting('scale') / 100
            ) }}
            + 0.5
        ) as bigint) as session_count

    from days
    left join weekdays on days.weekday = weekdays.weekday

),

expanded_to_sessions as (

    select
        day,
        day_key,
        pool_key,
        {{ unnest_range(0, 'session_count') }} as session_number

    from counted

),

keyed as (

    select
        day,
        session_number,
        pool_key,
        {{ fold_in('day_key', 'session_number') }} as session_key

    from expanded_to_sessions

),

drawn as (

    select
        *,
        {{ bernoulli(
            'session_key', 'search.visits.anonymous', setting('search_anonymous_rate')
        ) }} as is_anonymous,
        {{ setting('search_user_pool_size') }}
        * {{ uniform('session_key', 'search.visits.user') }} as user_position

    from keyed

),

visited as (

    select
        drawn.day,
        drawn.session_number,
        drawn.session_key,
        drawn.pool_key,
        case
            when drawn.is_anonymous then null
            when drawn.user_position - users.bucket < users.own_share
                then users.user_number
            else users.alias_user_number
        end as user_number

    from drawn
    left join users on cast(floor(drawn.user_position) as bigint) = users.bucket

),

in_this_shard as (

    select * from visited

    where {{ in_shard('coalesce(user_number - 1, session_number)') }}

)

select
    day,
    session_number,
    session_key,
    case
        when user_number is null then {{ fold_in('session_key', 0) }}
        else {{ fold_in('pool_key', 'user_number') }}
    end as visitor_key,
    user_number

from in_this_shard
