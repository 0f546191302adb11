{# Names of the columns of a walk that hold, by kind of item, the number of the event that picked the last one. #}
{% macro picked_columns() -%}
{%- set names = [] -%}
{%- for kind in declaration()['items'] -%}
    {%- do names.append('picked_' ~ kind[0]) -%}
{%- endfor -%}
{{ return(names) }}
{%- endmacro %}
