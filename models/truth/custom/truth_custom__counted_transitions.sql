{{ config(materialized='view') }}

-- one row per event, what follows it, and segment: how often it did
with

event_kinds as (

    {{ parameters('events') }}

),

users as (

    select * from {{ ref('gen_custom__users') }}

),

steps as (

    select
        steps.*,
        users.segment_number

    from {{ ref('gen_custom__baseline_steps') }} as steps
    inner join users on steps.user_number = users.user_number

),

counted_steps as (

    select
        previous_state,
        state,
        segment_number,
        count(*) as step_count

    from steps

    group by previous_state, state, segment_number

),

visits as (

    select
        state,
        segment_number,
        cast(sum(step_count) as bigint) as visit_count

    from counted_steps

    group by state, segment_number

),

followed as (

    select
        previous_state as state,
        segment_number,
        cast(sum(step_count) as bigint) as followed_count

    from counted_steps

    group by previous_state, segment_number

),

counted as (

    select
        concat('events.', sources.event_name, '.next') as subject,
        counted_steps.segment_number,
        targets.event_name as drawn_value,
        counted_steps.step_count as draw_count

    from counted_steps
    inner join event_kinds as sources
        on counted_steps.previous_state = sources.event_number
    inner join event_kinds as targets on counted_steps.state = targets.event_number

    union all

    select
        concat('events.', sources.event_name, '.next') as subject,
        visits.segment_number,
        'end' as drawn_value,
        visits.visit_count - coalesce(followed.followed_count, 0) as draw_count

    from visits
    inner join event_kinds as sources on visits.state = sources.event_number
    left join followed
        on
            visits.state = followed.state
            and visits.segment_number = followed.segment_number

)

select * from counted
