{#
  dbt override: names without the database, so that views stay valid when the file is renamed. A model of
  a world that the project leaves out is disabled when it is parsed.
#}
{% macro ref() -%}
{%- if not execute and is_left_out(model) -%}
    {%- do config(enabled=false) -%}
{%- endif -%}
{{ return(builtins.ref(*varargs, **kwargs).include(database=false)) }}
{%- endmacro %}
