{{ config(materialized=large_view_or_table()) }}

-- one row per session: arrivals moved apart, and those without room left out
with

arrivals as (

    select * from {{ ref('gen_shop__arrivals') }}

),

lengths as (

    select * from {{ ref('gen_shop__session_durations') }}

),

measured as (

    select
        arrivals.*,
        lengths.scroll_count,
        lengths.browse_ms,
        lengths.browse_ms
        + lengths.longest_checkout_ms
        + {{ setting('shop_session_gap_minutes') * 60000 }} as taken_ms

    from arrivals
    left join lengths on arrivals.session_key = lengths.session_key

),

-- start = max(arrival, start of the one before + time taken by it), solved for all at
-- once: start - time taken by all before = maximum so far of the same of the arrivals
queued as (

    select
        *,
        coalesce(
            cast(
                sum(taken_ms) over (
                    partition by user_number, day order by arrived_at_ms, arrival_number
                    rows between unbounded preceding and 1 preceding
                ) as bigint
            ), 0
        ) as taken_before_ms

    from measured

),

moved as (

    select
        *,
        taken_before_ms + max(arrived_at_ms - taken_before_ms) over (
            partition by user_number, day order by arrived_at_ms, arrival_number
            rows unbounded preceding
        ) as started_at_ms

    from queued

),

-- a session that was moved past midnight is dropped, and so is one that could last
-- longer than the window
within_the_day as (

    select * from moved

    where
        started_at_ms
        < {{ epoch_ms_literal(world_start_date('shop')) }} + 86400000 * (day + 1)
        and started_at_ms + taken_ms
        <= {{ epoch_ms_literal(world_end_date('shop')) }}

),

following as (

    select
        *,
        coalesce(
            lag(started_at_ms + taken_ms) over (
                partition by user_number order by day, started_at_ms, arrival_number
            ), 0
        ) as free_from_ms

    from within_the_day

),

-- ends increase, so the earliest of a day's is that of the day before
after_the_day_before as (

    select
        *,
        min(free_from_ms) over (partition by user_number, day) as day_free_from_ms

    from following

),

apart as (

    select * from after_the_day_before

    where started_at_ms >= day_free_from_ms

),

numbered as (

    select
        user_number,
        day,
        arrival_number,
        session_key,
        cast(
            row_number() over (partition by user_number order by started_at_ms)
            as bigint
        ) as session_number,
        item_count,
        scroll_count,
        scroll_probability,
        cart_probability,
        started_at_ms,
        browse_ms

    from apart

)

select * from numbered
