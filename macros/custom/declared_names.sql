{# The names of a part of the declared world: of its events, segments or kinds of item. #}
{% macro declared_names(part) -%}
{%- set names = [] -%}
{%- for row in (declared_world() or {}).get(part) or [] -%}
    {%- do names.append(row[1]) -%}
{%- endfor -%}
{{ return(names) }}
{%- endmacro %}
