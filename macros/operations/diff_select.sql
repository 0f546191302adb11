{# The select list of one side of a comparison: each column in the type in which it is compared. #}
{% macro diff_select(columns) -%}
{%- set selected = [] -%}
{%- for column in columns -%}
    {%- set name = adapter.quote(column.name) -%}
    {%- do selected.append(try_cast(name, column.dtype) ~ ' as ' ~ name) -%}
{%- endfor -%}
{{ return(selected | join(', ')) }}
{%- endmacro %}
