{# A text as another type, or null where it is none of that type. #}
{% macro try_cast(text, type) -%}
    {{ return(adapter.dispatch('try_cast', 'diorama')(text, type)) }}
{%- endmacro %}

{% macro duckdb__try_cast(text, type) -%}
    try_cast({{ text }} as {{ type }})
{%- endmacro %}

{% macro spark__try_cast(text, type) -%}
    try_cast({{ text }} as {{ type }})
{%- endmacro %}
