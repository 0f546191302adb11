{#
  Number of trials up to the first success (1, 2, …), each with probability p in (0, 1), by
  inversion, as numpy.random.Generator.geometric.
#}
{% macro geometric(key, stream, p, counter=0) -%}
    cast(greatest(1, ceil(ln(1 - {{ uniform(key, stream, counter) }}) / ln(1 - ({{ p }})))) as bigint)
{%- endmacro %}
