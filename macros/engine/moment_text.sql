{#
  A UTC timestamp as text: `2026-01-01 10:00:00.000000`, or in ISO 8601 with milliseconds
  `2026-01-01T10:00:00.000Z`.
#}
{% macro moment_text(timestamp, is_iso) -%}
    {{ return(adapter.dispatch('moment_text', 'diorama')(timestamp, is_iso)) }}
{%- endmacro %}

{% macro duckdb__moment_text(timestamp, is_iso) -%}
    strftime({{ timestamp }}, '{{ '%Y-%m-%dT%H:%M:%S.%gZ' if is_iso else '%Y-%m-%d %H:%M:%S.%f' }}')
{%- endmacro %}

{% macro spark__moment_text(timestamp, is_iso) -%}
    date_format({{ timestamp }}, "{{ "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'" if is_iso else 'yyyy-MM-dd HH:mm:ss.SSSSSS' }}")
{%- endmacro %}
