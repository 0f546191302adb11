{{ config(materialized='view') }}

-- one row per event and variant (as gen_custom__steps), with its item and its numbers
with

{%- set kinds = declared_world()['items'] %}
{%- set columns = declared_columns('events') %}
{%- set of_sessions = declared_columns('sessions') %}
{%- set of_items = declared_columns('items') %}

steps as (

    select * from {{ ref('gen_custom__steps') }}

),

items as (

    select * from {{ ref('gen_custom__items') }}

),

aliases as (

    select * from {{ ref('gen_custom__item_aliases') }}

),

events as (

    {{ parameters('events') }}

),

named as (

    select
        steps.*,
        events.event_name,
        events.item_kind,
        case events.item_kind
            {%- for kind in kinds %}
            when {{ loop.index0 }} then steps.picked_{{ loop.index0 }}
            {%- else %}
            when 0 then cast(null as integer)
            {%- endfor %}
        end as picked_number

    from steps
    inner join events on steps.state = events.event_number

),

-- the item in hand is drawn by the event that picked it
keyed as (

    select
        named.*,
        {{ fold_in('session_key', 'picked_number') }} as pick_key,
        case item_kind
            {%- for kind in kinds %}
            when {{ loop.index0 }} then {{ kind[2] }}
            {%- endfor %}
            when -1 then 0
        end as item_count

    from named

),

positioned as (

    select
        keyed.*,
        keyed.item_count * {{ uniform('keyed.pick_key', 'custom.items.pick') }}
            as item_position
        {%- for property in declared_properties('sessions') %},
        {{ property_draw(property, 'keyed.session_key') or 'null' }}
            as draw_session_{{ property['name'] }}
        {%- endfor %}
        {%- for property in declared_properties('events') if property['method'] != 'expression' %},
        case
            when keyed.event_name = '{{ property['owner'] }}'
                then {{ property_draw(property, 'keyed.event_key') }}
        end as draw_{{ property['owner'] }}_{{ property['name'] }}
        {%- endfor %}

    from keyed

),

picked as (

    select
        positioned.*,
        case
            when positioned.item_position - aliases.bucket < aliases.own_share
                then aliases.popularity_rank
            else aliases.alias_popularity_rank
        end as popularity_rank

    from positioned
    left join aliases
        on
            positioned.item_kind = aliases.kind_number
            and cast(floor(positioned.item_position) as bigint) = aliases.bucket

),

valued as (

    select
        picked.user_number,
        picked.user_id,
        picked.segment_number,
        picked.variant_number,
        picked.assigned_number,
        picked.exposure_day,
        picked.day_number,
        picked.session_number,
        picked.session_key,
        picked.event_number,
        picked.event_key,
        picked.event_name,
        picked.item_kind,
        picked.is_before_effect,
        picked.is_assigned,
        picked.started_at_ms,
        picked.event_ms,
        items.item_id
        {%- for name in of_items %},
        items.{{ name }} as item_{{ name }}
        {%- endfor %}
        {%- for property in declared_properties('sessions') %},
        cast(
            {{ property_value(property, 'picked.draw_session_' ~ property['name'], 'picked.segment_number') }}
            as {{ of_sessions[property['name']]['type'] }}
        ) as {{ property['name'] }}
        {%- endfor %}
        {%- for property in declared_properties('events') if property['method'] != 'expression' %},
        {{ property_value(
            property, 'picked.draw_' ~ property['owner'] ~ '_' ~ property['name'],
            'picked.segment_number'
        ) }} as {{ property['owner'] }}_{{ property['name'] }}
        {%- endfor %}

    from picked
    left join items
        on
            picked.item_kind = items.kind_number
            and picked.popularity_rank = items.popularity_rank

),

computed as (

    select
        valued.*
        {%- for property in declared_properties('events') if property['method'] == 'expression' %},
        case
            when event_name = '{{ property['owner'] }}'
                then {{ event_expression(property) }}
        end as {{ property['owner'] }}_{{ property['name'] }}
        {%- endfor %}

    from valued

),

described as (

    select
        user_number,
        user_id,
        segment_number,
        variant_number,
        assigned_number,
        exposure_day,
        day_number,
        session_number,
        session_key,
        event_number,
        event_key,
        event_name
        {%- for name in of_sessions %},
        {{ name }}
        {%- endfor %}
        {%- for kind in kinds %},
        case when item_kind = {{ loop.index0 }} then item_id end as {{ kind[1] }}_id
        {%- endfor %}
        {%- for name in columns if name not in of_sessions and not name.endswith('_id') %},
        cast(
            case event_name
                {%- for property in declared_properties('events') if property['name'] == name %}
                when '{{ property['owner'] }}' then {{ property['owner'] }}_{{ name }}
                {%- endfor %}
            end as {{ columns[name]['type'] }}
        ) as {{ name }}
        {%- endfor %},
        is_before_effect,
        is_assigned,
        started_at_ms,
        event_ms

    from computed

)

select * from described
