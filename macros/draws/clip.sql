{#
  x, not below low and not above high, as numpy.clip. Beware: least and greatest pass over NULL, so a
  NULL becomes low; put the case that makes it NULL around the clip.
#}
{% macro clip(x, low, high) -%}
    least(greatest({{ x }}, {{ low }}), {{ high }})
{%- endmacro %}
