{#
  Covariance of two columns from their sums over n units, with n - 1; of a column with itself its
  variance. Null below two units. With the whole part q of each mean and the rest r = S - n q,
  sum (x - q_x) (y - q_y) - r_x r_y / n: a whole number of no more digits than the sums have (n S_xy
  would be too long for units of 1e14), and a rest below n.
#}
{% macro covariance_of(n, sum_product, sum_first, sum_second) -%}
{%- set first_whole = integer_quotient('(' ~ sum_first ~ ')', 'nullif(' ~ n ~ ', 0)') -%}
{%- set second_whole = integer_quotient('(' ~ sum_second ~ ')', 'nullif(' ~ n ~ ', 0)') -%}
(
                cast(
                    {{ sum_product }} - {{ first_whole }} * {{ sum_second }}
                    - {{ second_whole }} * ({{ sum_first }} - {{ n }} * {{ first_whole }}) as double
                )
                - cast({{ sum_first }} - {{ n }} * {{ first_whole }} as double)
                * cast({{ sum_second }} - {{ n }} * {{ second_whole }} as double) / {{ n }}
            ) / nullif({{ n }} - 1, 0)
{%- endmacro %}
