-- one row per item: how often events were about it
with

items as (

    select * from {{ ref('stg_custom__items') }}

),

events as (

    select
        event_name,
        coalesce(
            {{- listed(declared_names('items'), '{}_id') }}
            null
        ) as item_id

    from {{ ref('stg_custom__events') }}

),

aggregated_to_item as (

    select
        item_id,
        {{- listed(
            declared_names('events'),
            "count(case when event_name = '{}' then 1 end) as {}_count"
        ) }}
        count(*) as event_count

    from events

    group by item_id

),

described as (

    select
        items.item_id,
        items.item_kind,
        {{- listed(declared_columns('items'), 'items.{}') }}
        {{- listed(declared_names('events'), 'coalesce(counted.{}_count, 0) as {}_count') }}
        coalesce(counted.event_count, 0) as event_count

    from items
    left join aggregated_to_item as counted on items.item_id = counted.item_id

)

select * from described
