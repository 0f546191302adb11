{# The facts that metrics of the declared world are of, each with the column that has its number. #}
{% macro fact_columns() -%}
{%- set facts = {'active': 'active'} -%}
{%- for fact, event, name, places in declaration()['facts'] -%}
    {%- do facts.update({fact: event ~ '_' ~ (name or 'count')}) -%}
{%- endfor -%}
{{ return(facts) }}
{%- endmacro %}
