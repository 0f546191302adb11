{# A shopper's affinity to a category, from the columns affinity_0 … affinity_4 of a relation. #}
{% macro shop_affinity(category_number, relation) -%}
    case {{ category_number }}
        {%- for number in [0, 1, 2, 3] %}
        when {{ number }} then {{ relation }}.affinity_{{ number }}
        {%- endfor %}
        else {{ relation }}.affinity_4
    end
{%- endmacro %}
