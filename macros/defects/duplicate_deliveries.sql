{#
  The deliveries of events whose id was delivered more than once, numbered: `delivery_number` is the
  rank among those of the id (1 wins; identical deliveries share a rank), `copy_number` tells
  identical deliveries apart.
#}
{% macro duplicate_deliveries(raw, columns) -%}
{%- set payload = 'events.' ~ columns | join(', events.') -%}
    select
        events.event_id,
        {%- for column in columns %}
        events.{{ column }},
        {%- endfor %}
        events.received_at,
        rank() over (
            partition by events.event_id
            order by events.received_at, {{ payload }}
        ) as delivery_number,
        row_number() over (
            partition by events.event_id, {{ payload }}
            order by events.received_at
        ) as copy_number

    from {{ raw }} as events
    -- few ids repeat: finding them first is far cheaper than a window over all events
    inner join (
        select event_id from {{ raw }} group by event_id having count(*) > 1
    ) as duplicate_ids on events.event_id = duplicate_ids.event_id
{%- endmacro %}
