{#
  Expression, over the columns of cell_sums of an arm: whether it is too small a sample of the metric for
  a t-test, however many units it has. Fewer than ten units, and fewer than half of them, have anything of
  the metric, or of a share (whose squares add up to its sum) are without it: the usual rule for shares,
  for all that is mostly zero. Of a ratio, whose units weigh as much as their denominators, fewer than ten
  units by Kish's count, (sum d)^2 / sum d^2.
#}
{% macro rare_in_arm() -%}
(nonzero_count < 10 and 2 * nonzero_count < n_units)
                    or (
                        denominator_sum is null
                        and main_sum = main_sum_squares
                        and n_units - nonzero_count < 10
                        and 2 * (n_units - nonzero_count) < n_units
                    )
                    or power(cast(denominator_sum as double), 2)
                    < 10 * cast(denominator_sum_squares as double)
{%- endmacro %}
