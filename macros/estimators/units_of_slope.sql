{#
  The fewest units from which an arm, or a stratum of it, has a slope of its own on a covariate. Where most
  of the covariate is 0 and the rest has a heavy tail, as of money, two or three of fewer units decide it,
  and the errors that it leaves look too small.
#}
{% macro units_of_slope() -%}
100
{%- endmacro %}
