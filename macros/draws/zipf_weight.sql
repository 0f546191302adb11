{#
  Integer weight of a rank (1, 2, …) under the Zipf distribution over finitely many ranks
  (scipy.stats.zipfian): rank ^ -exponent in units of 10^-8; a rank below half a unit gets 0 and is
  never drawn. Draw through alias_table().
#}
{% macro zipf_weight(rank, exponent) -%}
    cast(floor(100000000 * power({{ rank }}, -cast({{ exponent }} as double)) + 0.5) as bigint)
{%- endmacro %}
