{# Select list: the sums over sessions of the columns of facts. #}
{% macro summed_facts() -%}
        1 as active
        {%- for fact, column in fact_columns().items() if fact != 'active' %},
        sum({{ column }}) as {{ column }}
        {%- endfor %}
{%- endmacro %}
