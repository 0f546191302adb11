-- one row per item: how often events were about it
with

items as (

    select * from {{ ref('stg_custom__items') }}

),

events as (

    select
        event_name,
        coalesce(
            {%- for kind in declared_names('items') %}
            {{ kind }}_id,
            {%- endfor %}
            null
        ) as item_id

    from {{ ref('stg_custom__events') }}

),

aggregated_to_item as (

    select
        item_id,
        count(*) as event_count
        {%- for event in declared_names('events') %},
        count(case when event_name = '{{ event }}' then 1 end) as {{ event }}_count
        {%- endfor %}

    from events

    group by item_id

),

described as (

    select
        items.item_id,
        items.item_kind
        {%- for name in declared_columns('items') %},
        items.{{ name }}
        {%- endfor %},
        coalesce(counted.event_count, 0) as event_count
        {%- for event in declared_names('events') %},
        coalesce(counted.{{ event }}_count, 0) as {{ event }}_count
        {%- endfor %}

    from items
    left join aggregated_to_item as counted on items.item_id = counted.item_id

)

select * from described
