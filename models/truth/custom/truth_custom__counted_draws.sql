-- one row per subject of a declared share, segment and value: how often the draw came out so
with

{%- set world = declared_world() %}

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

    where event_name = '{{ world['events'][0][1] }}' and event_id % 4096 = 0

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
    {%- if delivered_until('custom') > world_end_date('custom') %}

    union all

    select
        'signups' as subject,
        segment_number,
        case when signup_day < 0 then 'before' else 'after' end as value,
        count(*) as draw_count

    from users

    group by segment_number, value
    {%- endif %}

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
    {%- for property in world['properties'] if property['method'] == 'categories' %}
    {%- set scope, owner, name = property['scope'], property['owner'], property['name'] %}

    union all

    select
        {{ sql_literal(
            scope ~ '_have.' ~ name if owner is none else scope ~ '.' ~ owner ~ '.has.' ~ name
        ) }} as subject,
        segment_number,
        {{ name }} as value,
        count(*) as draw_count

    from {{ scope }}

    where
        {{ name }} is not null
        {{ "and event_name = '" ~ owner ~ "'" if scope == 'events' }}
        {{ "and item_kind = '" ~ owner ~ "'" if scope == 'items' }}

    group by segment_number, {{ name }}
    {%- endfor %}
    {%- for kind in world['items'] %}
    {%- for first in (1, 10) %}

    union all

    select
        'items.{{ kind[1] }}.popularity.{{ first }}' as subject,
        segment_number,
        case
            when
                cast(replace({{ kind[1] }}_id, '{{ kind[1] }}_', '') as bigint)
                <= {{ first }}
                then 'first'
            else 'others'
        end as value,
        count(*) as draw_count

    from events

    where event_name in ('' {%- for event in world['events'] if event[4] == kind[0] %}, '{{ event[1] }}' {%- endfor %})

    group by segment_number, value
    {%- endfor %}
    {%- endfor %}
    {%- for subject, scope, owner, name, threshold, probability in world['thresholds'] %}

    union all

    select
        {{ sql_literal(subject) }} as subject,
        segment_number,
        case
            when
                {% if scope == 'gaps' -%}
                gap_ms
                {%- elif name is none -%}
                rate_factor_ppm
                {%- else -%}
                {{ name }} * {{ 10 ** declared_columns(scope)[name]['places'] }}
                {%- endif %} <= {{ threshold }}
                then 'below'
            else 'above'
        end as value,
        count(*) as draw_count

    from {{ 'steps' if scope == 'gaps' else scope }}

    where
        {% if scope == 'gaps' -%}
        event_number > 0
        and state in (select event_number from event_kinds where event_name = '{{ owner }}')
        {%- elif scope == 'events' -%}
        event_name = '{{ owner }}'
        {%- elif scope == 'items' -%}
        item_kind = '{{ owner }}'
        {%- else -%}
        true
        {%- endif %}

    group by segment_number, value
    {%- endfor %}

)

select * from counted
