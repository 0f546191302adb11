{# The names of a part of the declared world: of its events, segments or kinds of item. #}
{% macro declared_names(part) -%}
{%- set names = [] -%}
{%- for row in declaration()[part] -%}
    {%- do names.append(row[1]) -%}
{%- endfor -%}
{{ return(names) }}
{%- endmacro %}
