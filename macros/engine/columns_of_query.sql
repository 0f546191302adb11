{# The columns of a query, with name and dtype, in order. #}
{% macro columns_of_query(query) -%}
    {{ return(adapter.dispatch('columns_of_query', 'diorama')(query)) }}
{%- endmacro %}

{% macro duckdb__columns_of_query(query) -%}
{%- set columns = [] -%}
{%- for row in run_query('describe ' ~ query).rows -%}
    {%- do columns.append(api.Column(row[0], row[1])) -%}
{%- endfor -%}
{{ return(columns) }}
{%- endmacro %}

{% macro spark__columns_of_query(query) -%}
{%- set columns = [] -%}
{%- for row in run_query('describe query ' ~ query).rows -%}
    {%- do columns.append(api.Column(row[0], row[1])) -%}
{%- endfor -%}
{{ return(columns) }}
{%- endmacro %}
