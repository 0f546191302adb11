{# Grade of relevance, 0–24, of a place in the catalogue; every provider has each grade once. #}
{% macro relevance_grade(slot) -%}
    {{ integer_quotient(slot, 8) }}
{%- endmacro %}
