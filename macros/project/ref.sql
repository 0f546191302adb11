{# dbt override: names without the database, so that views stay valid when the file is renamed. #}
{% macro ref() -%}
{{ return(builtins.ref(*varargs, **kwargs).include(database=false)) }}
{%- endmacro %}
