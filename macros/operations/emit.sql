{# Prints a record as one line of JSON, which the command line catches among dbt's events. #}
{% macro emit(record) -%}
{%- do log(tojson({'diorama': record}), info=true) -%}
{%- endmacro %}
