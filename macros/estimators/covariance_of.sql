{#
  Covariance of two columns from their sums over n units, with n - 1; of a column with itself its
  variance. The difference is exact, and becomes a DOUBLE before it is divided. Null below two units.
#}
{% macro covariance_of(n, sum_product, sum_first, sum_second) -%}
    cast({{ n }} * {{ sum_product }} - {{ sum_first }} * {{ sum_second }} as double)
            / nullif(cast({{ n }} as double) * ({{ n }} - 1), 0)
{%- endmacro %}
