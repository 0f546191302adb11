{# The rows of a query as {columns, rows}: name and type of each column, every value as text or none. #}
{% macro rows_of_query(query) -%}
{%- set columns, texts, described = columns_of_query(query), [], [] -%}
{%- for column in columns -%}
    {%- set name = adapter.quote(column.name) -%}
    {%- do texts.append('cast(' ~ name ~ ' as ' ~ dbt.type_string() ~ ') as ' ~ name) -%}
    {%- do described.append({'name': column.name, 'type': column.dtype | lower}) -%}
{%- endfor -%}
{%- set rows = [] -%}
{%- for row in run_query('select ' ~ texts | join(', ') ~ ' from (' ~ query ~ ') as given').rows -%}
    {%- do rows.append(row.values() | list) -%}
{%- endfor -%}
{{ return({'columns': described, 'rows': rows}) }}
{%- endmacro %}
