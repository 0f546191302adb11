{# The names of the columns of cell_sums, in order. #}
{% macro cell_columns() -%}
{{ return([
    'n_units', 'nonzero_count', 'main_sum', 'main_sum_squares', 'denominator_sum',
    'denominator_sum_squares', 'main_denominator_sum_product', 'covariate_count', 'covariate_sum',
    'covariate_sum_squares', 'main_covariate_sum_product', 'denominator_covariate_sum_product',
    'covered_main_sum', 'covered_main_sum_squares', 'covered_denominator_sum',
]) }}
{%- endmacro %}
