{# The columns of a user record beside its id. #}
{% macro user_payload() -%}
{{ return(['signup_date'] + (declared_columns('users') | list)) }}
{%- endmacro %}
