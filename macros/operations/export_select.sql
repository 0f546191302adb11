{# The select list of an export: the columns as they are, but a UUID as text, as readers expect. #}
{% macro export_select(columns) -%}
{%- for column in columns -%}
    {%- if column.dtype | lower == 'uuid' -%}
        cast({{ adapter.quote(column.name) }} as varchar) as {{ adapter.quote(column.name) }}
    {%- else -%}
        {{ adapter.quote(column.name) }}
    {%- endif -%}
    {{ ', ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
