{#
  The select list of an export: the columns as they are, but a UUID as text, as readers expect. csv_nulls
  names the text that stands for null in a column of a CSV file; derived are further columns, by
  name, with the expression of each.
#}
{% macro export_select(columns, csv_nulls={}, derived={}) -%}
{%- set selected = [] -%}
{%- for column in columns -%}
    {%- set name = adapter.quote(column.name) -%}
    {%- if column.name in csv_nulls -%}
        {%- do selected.append(
            "coalesce(cast(" ~ name ~ " as varchar), '" ~ csv_nulls[column.name] ~ "') as " ~ name
        ) -%}
    {%- elif column.dtype | lower == 'uuid' -%}
        {%- do selected.append('cast(' ~ name ~ ' as varchar) as ' ~ name) -%}
    {%- else -%}
        {%- do selected.append(name) -%}
    {%- endif -%}
{%- endfor -%}
{%- for name, expression in derived.items() -%}
    {%- do selected.append(expression ~ ' as ' ~ adapter.quote(name)) -%}
{%- endfor -%}
    {{ selected | join(', ') }}
{%- endmacro %}
