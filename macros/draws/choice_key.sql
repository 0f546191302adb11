{#
  Sort key of weighted choice without replacement: the k rows with the smallest keys are a sample of
  size k with the given positive weights (Efraimidis and Spirakis 2006, as exponential races).
  Order by the key and then by a unique column.
#}
{% macro choice_key(key, stream, weight, counter=0) -%}
    ({{ exponential(key, stream, 1, counter) }} / ({{ weight }}))
{%- endmacro %}
