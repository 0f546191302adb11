-- the rows of a fact, with the reason for which one is left out
create or replace temp {{ 'table' if source.is_text else 'view' }} fact_{{ number }} as
select
    {{ key }} as unit_key,
    cast(unit_key as varchar) as unit_id,
    {{ moment }} as happened_at,
    cast({{ time }} as varchar) as time_text,
    {{ value }} as value,
    case
        when unit_key is null then 'null_unit'
        when {{ time }} is null then 'null_time'
        when happened_at is null then 'time_not_a_time'
        {% if has_value -%}
        when value is null then 'null_value'
        {%- endif %}
        {% if until -%}
        when cast(happened_at as date) > {{ until }} then 'after_until'
        {%- endif %}
    end as reason
from {{ source.relation }};
