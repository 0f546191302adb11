{#
  An exact integer number of 10^-places as a decimal of the given type: sums stay integers, and are
  divided in the last select.
#}
{% macro scaled_decimal(integer, places, type) -%}
    cast(cast({{ integer }} as decimal(18, {{ places }})) / {{ 10 ** places }} as {{ type }})
{%- endmacro %}
