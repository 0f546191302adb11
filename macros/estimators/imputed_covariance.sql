{#
  Covariance of a covariate with another column over n units, where the covariate is known of some and
  counts as the mean m of the pool for the others: as if x - m were 0 there. With c known units,
  n Sxy - Sx Sy - m (n Sy' - c Sy), where Sy' sums the other column over the known units alone; the
  variance of x is n Sxx - Sx Sx - (n - c) m (2 Sx - c m). Both over n (n - 1). The first difference
  is exact.
#}
{% macro imputed_covariance(n, known, sum_product, sum_first, sum_second, known_sum_second, mean, is_variance=false) -%}
(
                cast({{ n }} * {{ sum_product }} - {{ sum_first }} * {{ sum_second }} as double)
                {%- if is_variance %}
                - ({{ n }} - {{ known }}) * {{ mean }} * (2 * {{ sum_first }} - {{ known }} * {{ mean }})
                {%- else %}
                - {{ mean }} * cast({{ n }} * {{ known_sum_second }} - {{ known }} * {{ sum_second }} as double)
                {%- endif %}
            ) / nullif(cast({{ n }} as double) * ({{ n }} - 1), 0)
{%- endmacro %}
