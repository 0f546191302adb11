{# Whether dbt was asked for tables without rows (--empty) or with some of them (--sample). #}
{% macro is_partial_build() -%}
{{ return(true if flags.EMPTY or flags.SAMPLE else false) }}
{%- endmacro %}
