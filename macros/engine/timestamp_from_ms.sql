{# The UTC timestamp that lies a BIGINT number of milliseconds after 1970-01-01. #}
{% macro timestamp_from_ms(milliseconds) -%}
    {{ return(adapter.dispatch('timestamp_from_ms', 'diorama')(milliseconds)) }}
{%- endmacro %}

{% macro duckdb__timestamp_from_ms(milliseconds) -%}
    make_timestamp_ms({{ milliseconds }})
{%- endmacro %}

{% macro spark__timestamp_from_ms(milliseconds) -%}
    timestamp_millis({{ milliseconds }})
{%- endmacro %}
