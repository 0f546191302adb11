{# A non-negative BIGINT shifted right by a literal number of bits. #}
{% macro shift_right(x, places) -%}
    {{ return(adapter.dispatch('shift_right', 'diorama')(x, places)) }}
{%- endmacro %}

{% macro duckdb__shift_right(x, places) -%}
    ({{ x }} >> {{ places }})
{%- endmacro %}

{% macro spark__shift_right(x, places) -%}
    shiftright({{ x }}, {{ places }})
{%- endmacro %}
