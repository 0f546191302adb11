{# A struct of named columns, in the order given. #}
{% macro named_struct(fields) -%}
    {{ return(adapter.dispatch('named_struct', 'diorama')(fields)) }}
{%- endmacro %}

{% macro duckdb__named_struct(fields) -%}
    struct_pack(
        {%- for name, column in fields.items() -%}
        {{ adapter.quote(name) }} := {{ column }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}

{% macro spark__named_struct(fields) -%}
    named_struct(
        {%- for name, column in fields.items() -%}
        '{{ name }}', {{ column }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
