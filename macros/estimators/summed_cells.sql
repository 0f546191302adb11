{# Relation: cells (the columns of cell_sums) added up to one row per key and arm. #}
{% macro summed_cells(cells, keys) -%}
    select
        {{ keys | join(',\n        ') }},
        is_treated,
        cast(sum(n_units) as bigint) as n_units,
        {%- for column in [
            'main_sum', 'main_sum_squares', 'denominator_sum', 'denominator_sum_squares',
            'main_denominator_sum_product', 'covariate_sum', 'covariate_sum_squares',
            'main_covariate_sum_product', 'covered_main_sum', 'covered_main_sum_squares',
        ] %}
        {{ exact_sum(column) }} as {{ column }},
        {%- endfor %}
        cast(sum(covariate_count) as bigint) as covariate_count

    from {{ cells }}

    group by {{ keys | join(', ') }}, is_treated
{%- endmacro %}
