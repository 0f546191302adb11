{#
  The name in the folders `name=value` of a relation partitioned by a column: the column's own, the
  name of the day for a moment (event_time gives event_date), none where it has no such column.
#}
{% macro export_folder(relation, partition_by) -%}
{%- for column in adapter.get_columns_in_relation(relation) if column.name == partition_by -%}
    {%- if column.dtype | lower == 'timestamp' -%}
        {{ return(modules.re.sub('_(time|at)$', '', partition_by) ~ '_date') }}
    {%- endif -%}
    {{ return(partition_by) }}
{%- endfor -%}
{{ return(none) }}
{%- endmacro %}
