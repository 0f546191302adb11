{# Number of a result in the whole catalogue, from destination, type of product and place. #}
{% macro catalogue_number(destination_number, type_number, slot) -%}
    ((({{ destination_number }}) * 16 + {{ type_number }}) * {{ catalogue_size() }} + {{ slot }})
{%- endmacro %}
