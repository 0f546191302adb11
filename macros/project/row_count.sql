{# The number of rows that a relation holds. #}
{% macro row_count(relation) -%}
{{ return(run_query('select count(*) as row_count from ' ~ relation).rows[0][0] | int) }}
{%- endmacro %}
