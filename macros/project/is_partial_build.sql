{# Whether dbt was asked for tables without rows (--empty) or with some of them (--sample). #}
{% macro is_partial_build() -%}
{{ return(true if flags.EMPTY or invocation_args_dict.get('sample') else false) }}
{%- endmacro %}
