{# Text that names a row by columns of it, such as `user_id 7, activity_date 2024-09-01`. #}
{% macro named_row(columns) -%}
    concat(
        {%- for column in columns -%}
            '{{ ', ' if not loop.first }}{{ column }} ', coalesce(cast({{ column }} as {{ dbt.type_string() }}), 'null')
            {{- ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
