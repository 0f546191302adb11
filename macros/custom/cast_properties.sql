{# Select list: declared columns, of their types; a visible segment is the latent one. #}
{% macro cast_properties(scope) -%}
{%- for name, column in declared_columns(scope).items() %}
        cast({{ 'latent_segment' if name == 'segment' else name }} as {{ column['type'] }}) as {{ name }},
{%- endfor %}
{%- endmacro %}
