{# The variants of all experiments of the declared world. #}
{% macro declared_variants() -%}
{%- set names = [] -%}
{%- for row in declaration()['variants'] -%}
    {%- do names.append(row[2]) -%}
{%- endfor -%}
{{ return(names | unique(case_sensitive=true) | list) }}
{%- endmacro %}
