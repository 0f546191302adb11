{{ config(materialized='view') }}

-- one row per event and variant (as gen_custom__steps), with its item and its numbers
with

steps as (

    select * from {{ ref('gen_custom__steps') }}

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
        {{ picked_number('events.item_kind') }} as picked_number

    from steps
    inner join events on steps.state = events.event_number

),

-- the item in hand is drawn by the event that picked it
keyed as (

    select
        named.*,
        {{ fold_in('session_key', 'picked_number') }} as pick_key,
        {{ kind_size('item_kind') }} as item_count

    from named

),

positioned as (

    select
        keyed.*,
        {{- outcome_draws() }}
        keyed.item_count * {{ uniform('keyed.pick_key', 'custom.items.pick') }}
            as item_position

    from keyed

),

picked as (

    select
        positioned.*,
        aliases.*,
        positioned.item_position - aliases.bucket < aliases.own_share as is_own

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
        picked.has_defect,
        picked.started_at_ms,
        picked.event_ms,
        {{- listed(
            declared_columns('items'),
            'case when picked.is_own then picked.own_{} else picked.alias_{} end as item_{}'
        ) }}
        {{- outcome_values() }}
        case when picked.is_own then picked.own_item_id else picked.alias_item_id end
            as item_id

    from picked

),

computed as (

    select
        valued.*,
        {{- outcome_expressions() }}
        item_id is not null as has_item

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
        event_name,
        {{- outcome_columns() }}
        is_before_effect,
        is_assigned,
        has_defect,
        started_at_ms,
        event_ms

    from computed

)

select * from described
