{# All deliveries of events, those with an id of their own numbered 1, the others as duplicate_deliveries(). #}
{% macro numbered_deliveries(raw, duplicates, columns) -%}
    select
        events.event_id,
        {%- for column in columns %}
        events.{{ column }},
        {%- endfor %}
        events.received_at,
        1 as delivery_number,
        1 as copy_number,
        {{ raw_fault() }} as raw_fault

    from {{ raw }} as events
    left join (select distinct event_id from {{ duplicates }}) as duplicate_ids
        on events.event_id = duplicate_ids.event_id

    where duplicate_ids.event_id is null

    union all

    select
        event_id,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        received_at,
        delivery_number,
        copy_number,
        cast(null as {{ dbt.type_string() }}) as raw_fault

    from {{ duplicates }}
{%- endmacro %}
