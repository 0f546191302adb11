{# A category in its documented spelling, whatever its case and blanks; null if it is none of them. #}
{% macro clean_category(column, categories) -%}
    case lower(trim({{ column }}))
        {%- for category in categories %}
        when '{{ category | lower }}' then '{{ category }}'
        {%- endfor %}
    end
{%- endmacro %}
