{#
  Expressions: the columns of cell_sums of a single unit, so that summed_cells adds units up. BIGINT,
  which holds squares of up to three billion: sums are wider.
#}
{% macro unit_cell(numerator, denominator, covariate) -%}
{%- set covered = 'case when ' ~ covariate ~ ' is null then 0 else ' ~ numerator -%}
cast(1 as bigint) as n_units,
        {{ numerator }} as main_sum,
        {{ numerator }} * {{ numerator }} as main_sum_squares,
        {{ denominator }} as denominator_sum,
        {{ denominator }} * {{ denominator }} as denominator_sum_squares,
        {{ numerator }} * {{ denominator }} as main_denominator_sum_product,
        cast(case when {{ covariate }} is null then 0 else 1 end as bigint) as covariate_count,
        coalesce({{ covariate }}, 0) as covariate_sum,
        coalesce({{ covariate }} * {{ covariate }}, 0) as covariate_sum_squares,
        coalesce({{ numerator }} * {{ covariate }}, 0) as main_covariate_sum_product,
        {{ covered }} end as covered_main_sum,
        {{ covered }} * {{ numerator }} end as covered_main_sum_squares
{%- endmacro %}
