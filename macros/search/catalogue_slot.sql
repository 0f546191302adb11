{#
  The place in the catalogue, from 0, of the result at a position of a search. The step has no
  divisor in common with the catalogue's size, so that a search shows no result twice.
#}
{% macro catalogue_slot(start, step, result_position) -%}
    (({{ start }} + {{ step }} * {{ result_position }}) % {{ catalogue_size() }})
{%- endmacro %}
