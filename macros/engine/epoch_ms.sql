{# Milliseconds of a UTC timestamp after 1970-01-01, as BIGINT. #}
{% macro epoch_ms(timestamp) -%}
    {{ return(adapter.dispatch('epoch_ms', 'diorama')(timestamp)) }}
{%- endmacro %}

{% macro duckdb__epoch_ms(timestamp) -%}
    epoch_ms({{ timestamp }})
{%- endmacro %}

{% macro spark__epoch_ms(timestamp) -%}
    unix_millis({{ timestamp }})
{%- endmacro %}
