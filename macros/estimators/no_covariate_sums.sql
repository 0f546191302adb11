{# Expressions: the sums of cell_sums over covariates, where there are none. #}
{% macro no_covariate_sums() -%}
{%- for column in [
    'covariate_sum', 'covariate_sum_squares', 'main_covariate_sum_product',
    'denominator_covariate_sum_product', 'covered_main_sum', 'covered_main_sum_squares',
    'covered_denominator_sum',
] -%}
cast(0 as {{ type_hugeint() }}) as {{ column }}{{ ',\n        ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
