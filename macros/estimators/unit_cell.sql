{#
  Expressions: the columns of cell_sums of a single unit, so that summed_cells adds units up. Each is cast,
  since Sail takes a literal in a case for an INT.
#}
{% macro unit_cell(numerator, denominator, covariate) -%}
{%- set product_type = type_hugeint() -%}
{%- set numerator_factor = 'cast(' ~ numerator ~ ' as ' ~ product_type ~ ')' -%}
{%- set denominator_factor = 'cast(' ~ denominator ~ ' as ' ~ product_type ~ ')' -%}
{%- set covariate_factor = 'cast(' ~ covariate ~ ' as ' ~ product_type ~ ')' -%}
{%- set cells = {
    'n_units': 1,
    'nonzero_count': 'case when ' ~ numerator ~ ' = 0 then 0 else 1 end',
    'main_sum': numerator,
    'main_sum_squares': numerator_factor ~ ' * ' ~ numerator,
    'denominator_sum': denominator,
    'denominator_sum_squares': denominator_factor ~ ' * ' ~ denominator,
    'main_denominator_sum_product': numerator_factor ~ ' * ' ~ denominator,
    'covariate_count': 'case when ' ~ covariate ~ ' is null then 0 else 1 end',
    'covariate_sum': 'coalesce(' ~ covariate ~ ', 0)',
    'covariate_sum_squares': 'coalesce(' ~ covariate_factor ~ ' * ' ~ covariate ~ ', 0)',
    'main_covariate_sum_product': 'coalesce(' ~ numerator_factor ~ ' * ' ~ covariate ~ ', 0)',
    'denominator_covariate_sum_product': 'coalesce(' ~ denominator_factor ~ ' * ' ~ covariate ~ ', 0)',
    'covered_main_sum': 'case when ' ~ covariate ~ ' is null then 0 else ' ~ numerator ~ ' end',
    'covered_main_sum_squares':
        'case when ' ~ covariate ~ ' is null then 0 else ' ~ numerator_factor ~ ' * ' ~ numerator ~ ' end',
    'covered_denominator_sum':
        'case when ' ~ covariate ~ ' is null then 0 else coalesce(' ~ denominator ~ ', 0) end',
} -%}
{%- for column, value in cells.items() -%}
cast({{ value }} as {{ product_type if 'squares' in column or 'product' in column else 'bigint' }}) as {{ column }}{{ ',\n        ' if not loop.last }}
{%- endfor %}
{%- endmacro %}
