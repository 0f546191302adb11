{#
  Why a row of a raw file cannot be read (`repeated_header`, `unreadable_<column>`), in a model that reads the raw
  table; null of rows that were generated. The row's first column, its key, is null then, so that it is
  no delivery of any other row.
#}
{% macro raw_fault() -%}
{{ 'raw_fault' if raw_directory(world_of(model)) else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
{%- endmacro %}
