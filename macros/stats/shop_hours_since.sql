{# Hours of an age in milliseconds, as DOUBLE; 9999 where there is none, as documented. #}
{% macro shop_hours_since(age_ms) -%}
    coalesce(cast({{ age_ms }} as double) / 3600000, 9999e0)
{%- endmacro %}
