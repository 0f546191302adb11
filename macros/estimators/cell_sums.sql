{#
  Expressions that sum a metric over units, exactly: counts, sums, sums of squares and of products. Units
  have numerator, denominator (null unless the metric is a ratio) and covariate (null where unknown),
  all BIGINT; `covered` are the units whose covariate is known. Used in a select with a group by; every
  estimator starts from these sums.
#}
{% macro cell_sums(numerator='numerator', denominator='denominator', covariate='covariate') -%}
{%- set exact = {
    'y': 'cast(' ~ numerator ~ ' as ' ~ type_hugeint() ~ ')',
    'd': 'cast(' ~ denominator ~ ' as ' ~ type_hugeint() ~ ')',
    'x': 'cast(' ~ covariate ~ ' as ' ~ type_hugeint() ~ ')',
} -%}
{%- set known = 'case when ' ~ covariate ~ ' is not null then ' ~ exact['y'] -%}
count(*) as n_units,
        count(case when {{ numerator }} != 0 then 1 end) as nonzero_count,
        {{ exact_sum(exact['y']) }} as main_sum,
        {{ exact_sum(exact['y'] ~ ' * ' ~ numerator) }} as main_sum_squares,
        {{ exact_sum(exact['d']) }} as denominator_sum,
        {{ exact_sum(exact['d'] ~ ' * ' ~ denominator) }} as denominator_sum_squares,
        {{ exact_sum(exact['y'] ~ ' * ' ~ denominator) }} as main_denominator_sum_product,
        count({{ covariate }}) as covariate_count,
        coalesce({{ exact_sum(exact['x']) }}, 0) as covariate_sum,
        coalesce({{ exact_sum(exact['x'] ~ ' * ' ~ covariate) }}, 0) as covariate_sum_squares,
        coalesce({{ exact_sum(exact['y'] ~ ' * ' ~ covariate) }}, 0) as main_covariate_sum_product,
        coalesce({{ exact_sum(exact['d'] ~ ' * ' ~ covariate) }}, 0)
            as denominator_covariate_sum_product,
        coalesce({{ exact_sum(known ~ ' end') }}, 0) as covered_main_sum,
        coalesce({{ exact_sum(known ~ ' * ' ~ numerator ~ ' end') }}, 0) as covered_main_sum_squares,
        coalesce({{ exact_sum('case when ' ~ covariate ~ ' is not null then ' ~ exact['d'] ~ ' end') }}, 0)
            as covered_denominator_sum
{%- endmacro %}
