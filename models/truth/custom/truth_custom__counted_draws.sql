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
        users.segment_number,
        {{ fold_in(session_key('users.user_key', 'steps'), 'steps.event_number - 1') }}
            as previous_key

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
        event_kinds.event_name,
        {{ walk_gap_ms('steps.previous_key', 'transitions') }} as gap_ms

    from steps
    inner join event_kinds on steps.state = event_kinds.event_number
    inner join {{ ref('gen_custom__transitions') }} as transitions
        on
            steps.segment_number = transitions.segment_number
            and steps.previous_state = transitions.state
            and steps.state = transitions.next_state
            and transitions.regime = 0

),

counted as (

    select * from {{ ref('truth_custom__counted_transitions') }}

    union all

    select
        'segments' as subject,
        segment_number,
        latent_segment as drawn_value,
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
        ) as drawn_value,
        count(*) as draw_count

    from steps

    where event_number = 0

    group by segment_number, drawn_value

    union all

    select
        'signups' as subject,
        segment_number,
        case when signup_day < 0 then 'before' else 'after' end as drawn_value,
        count(*) as draw_count

    from users

    -- as_of takes users who have not signed up yet
    where {{ delivered_until('custom') > world_end_date('custom') }}

    group by segment_number, drawn_value

    union all

    select
        'experiments' as subject,
        segment_number,
        coalesce(experiment_id, 'none') as drawn_value,
        count(*) as draw_count

    from users

    group by segment_number, experiment_id

    union all

    select
        concat('experiments.', experiment_id, '.split') as subject,
        segment_number,
        variant as drawn_value,
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
