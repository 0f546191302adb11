{#
  Covariance of a covariate with another column over n units, where the covariate is known of some and
  counts as the mean m of the pool for the others. Of the c known units with their covariance s, the sum
  of products about the means is (c - 1) s, to which (Sx / c - m) (Sy' - c Sy / n) is added, where Sy'
  sums the other column over the known units alone; of the variance of x, c (n - c) / n (Sx / c - m)^2.
#}
{% macro imputed_covariance(n, known, sum_product, sum_first, sum_second, known_sum_second, mean, is_variance=false) -%}
{%- set distance = '(cast(' ~ sum_first ~ ' as double) / nullif(' ~ known ~ ', 0) - ' ~ mean ~ ')' -%}
(
                coalesce(
                    {{ covariance_of(known, sum_product, sum_first, known_sum_second) }} * ({{ known }} - 1), 0
                )
                + coalesce(
                    {{ distance }}
                    {%- if is_variance %}
                    * {{ distance }} * {{ known }} * ({{ n }} - {{ known }})
                    {%- else %}
                    * cast({{ n }} * {{ known_sum_second }} - {{ known }} * {{ sum_second }} as double)
                    {%- endif %} / {{ n }}, 0
                )
            ) / nullif({{ n }} - 1, 0)
{%- endmacro %}
