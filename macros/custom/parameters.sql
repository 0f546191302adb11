{# Relation: the rows of a part of the declared world (parameter_columns). #}
{% macro parameters(part) -%}
{%- set columns, rows = parameter_columns()[part], (declared_world() or {}).get(part) or [] -%}
    select
        {%- for column, type in columns.items() %}
        cast({{ column if rows else 'null' }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- if rows %}
    from (
        values
        {%- for row in rows %}
        (
            {%- for value in row %}
            {{- sql_literal(value) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as declared ({{ columns | join(', ') }})
    {%- else %}
    where false
    {%- endif -%}
{%- endmacro %}
