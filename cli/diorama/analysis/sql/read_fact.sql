-- the rows of a fact, with the reason for which one is left out
create or replace temp {{ 'table text_fact_' if source.is_text else 'view fact_' }}{{ number }} as
with

-- names of columns may be those of the file, which must not be meant below
given as (

    select
        {{ key }} as unit_key,
        {{ moment }} as happened_at,
        cast({{ time }} as varchar) as time_text,
        {{ time }} is null as has_no_time,
        {{ value }} as value
    from {{ source.relation }}

)

select
    unit_key,
    cast(unit_key as varchar) as unit_id,
    happened_at,
    time_text,
    value,
    case
        when unit_key is null then 'null_unit'
        when has_no_time then 'null_time'
        when happened_at is null then 'time_not_a_time'
        {% if has_value -%}
        when value is null then 'null_value'
        {%- endif %}
        {% if until -%}
        when cast(happened_at as date) > {{ until }} then 'after_until'
        {%- endif %}
    end as reason
from given;

{% if source.is_text -%}
create or replace temp view fact_{{ number }} as from text_fact_{{ number }};
{%- endif %}
