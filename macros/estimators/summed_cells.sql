{# Relation: cells (the columns of cell_sums), all or some, added up to one row per key and arm. #}
{% macro summed_cells(cells, keys, condition='true') -%}
    select
        {{ keys | join(',\n        ') }},
        {%- for column in cell_columns() %}
        {{ 'cast(sum(' ~ column ~ ') as bigint)' if column.endswith(('units', 'count')) else exact_sum(column) }} as {{ column }},
        {%- endfor %}
        is_treated

    from {{ cells }}

    where {{ condition }}

    group by {{ keys | join(', ') }}, is_treated
{%- endmacro %}
