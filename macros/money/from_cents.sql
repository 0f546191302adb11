{# Whole cents as decimal(12, 2); a product, because a quotient of decimals is a double on some engines. #}
{% macro from_cents(cents) -%}
    cast({{ cents }} * cast(0.01 as decimal(3, 2)) as decimal(12, 2))
{%- endmacro %}
