{# The names of the worlds in which an experiment runs: they have the models of union_of_worlds. #}
{% macro experiment_worlds() -%}
{{ return(['feed', 'learning', 'shop', 'search']) }}
{%- endmacro %}
