{# A category in its documented spelling, whatever its case and blanks; null if it is none of them. #}
{% macro clean_category(column, categories) -%}
    {#- a case of no category would be no SQL #}
    case lower(trim({{ column }}))
        {%- if not categories %}
        when null then ''
        {%- endif %}
        {%- for category in categories %}
        when {{ sql_literal(category | lower) }} then {{ sql_literal(category) }}
        {%- endfor %}
    end
{%- endmacro %}
