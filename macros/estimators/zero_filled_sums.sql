{#
  Expressions: the columns of cell_sums but n_units, with 0 where the group is not there because none of
  its units did anything; sums of a denominator only where the metric is a ratio. Without covariates.
#}
{% macro zero_filled_sums(cells, is_ratio) -%}
coalesce({{ cells }}.main_sum, 0) as main_sum,
        coalesce({{ cells }}.main_sum_squares, 0) as main_sum_squares,
        {%- for column in ['denominator_sum', 'denominator_sum_squares', 'main_denominator_sum_product'] %}
        case when {{ is_ratio }} then coalesce({{ cells }}.{{ column }}, 0) end as {{ column }},
        {%- endfor %}
        cast(0 as bigint) as covariate_count,
        {{ no_covariate_sums() }}
{%- endmacro %}
