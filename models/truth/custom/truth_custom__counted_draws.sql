-- one row per subject of a declared share, segment and value: how often the draw came out so
with

users as (

    select * from {{ ref('gen_custom__users') }}

),

items as (

    select
        *,
        0 as segment_number

    from {{ ref('gen_custom__items') }}

),

steps as (

    select
        steps.*,
        users.segment_number

    from {{ ref('gen_custom__baseline_steps') }} as steps
    inner join users on steps.user_number = users.user_number

),

events as (

    select
        events.*,
        users.segment_number

    from {{ ref('stg_custom__events') }} as events
    inner join users on events.user_id = users.user_id

),

event_kinds as (

    {{ parameters('events') }}

),

-- a session has its properties on each event, and one first event
sessions as (

    select * from events

    where event_id % 4096 = 0

),

gaps as (

    select
        steps.segment_number,
        steps.gap_ms,
        event_kinds.event_name

    from steps
    inner join event_kinds on steps.state = event_kinds.event_number

    where steps.event_number > 0

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
        targets.event_name as value,
        counted_steps.step_count as draw_count

    from counted_steps
    inner join event_kinds as sources
        on counted_steps.previous_state = sources.event_number
    inner join event_kinds as targets on counted_steps.state = targets.event_number

    union all

    select
        concat('events.', sources.event_name, '.next') as subject,
        visits.segment_number,
        'end' as value,
        visits.visit_count - coalesce(followed.followed_count, 0) as draw_count

    from visits
    inner join event_kinds as sources on visits.state = sources.event_number
    left join followed
        on
            visits.state = followed.state
            and visits.segment_number = followed.segment_number

    union all

    select
        'segments' as subject,
        segment_number,
        latent_segment as value,
        count(*) as draw_count

    from users

    group by segment_number, latent_segment

    union all

    select
        'hours' as subject,
        segment_number,
        cast(
            extract(hour from {{ timestamp_from_ms('started_at_ms') }})
            as {{ dbt.type_string() }}
        ) as value,
        count(*) as draw_count

    from steps

    where event_number = 0

    group by segment_number, value

    union all

    select
        'signups' as subject,
        segment_number,
        case when signup_day < 0 then 'before' else 'after' end as value,
        count(*) as draw_count

    from users

    -- as_of takes users who have not signed up yet
    where {{ delivered_until('custom') > world_end_date('custom') }}

    group by segment_number, value

    union all

    select
        'experiments' as subject,
        segment_number,
        coalesce(experiment_id, 'none') as value,
        count(*) as draw_count

    from users

    group by segment_number, experiment_id

    union all

    select
        concat('experiments.', experiment_id, '.split') as subject,
        segment_number,
        variant as value,
        count(*) as draw_count

    from users

    where experiment_id is not null

    group by segment_number, experiment_id, variant

    union all

    {{ counted_properties() }}

    union all

    {{ counted_picks() }}

    union all

    {{ counted_thresholds() }}

)

select * from counted
