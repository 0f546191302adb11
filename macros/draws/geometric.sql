{#
  Number of trials up to the first success (1, 2, …), each with probability p in (0, 1], by
  inversion, as numpy.random.Generator.geometric. A p of 0 is an error of the cast.
#}
{% macro geometric(key, stream, p, counter=0) -%}
    {#- 1e-300 changes the logarithm only where p is 1: all trials succeed, the quotient is 0 -#}
    (1 + cast(floor(ln(1 - {{ uniform(key, stream, counter) }}) / ln(1 - ({{ p }}) + 1e-300)) as bigint))
{%- endmacro %}
