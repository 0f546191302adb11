{#
  Relation: the cells of every comparison of a treatment with its control, from cells by variant (keys,
  variant, stratum, assignment_probability and the columns of cell_sums): `treatment` names the
  comparison, `is_treated` the arm. Control's cells are in as many comparisons as there are treatments.
  `arm_probability` is that of the arm among the units of the comparison: p / (p_t + p_c), which is p
  itself where there are two variants. Where p varies within a stratum, p_t and p_c are the harmonic
  means over the units of the arm, since n / sum(1 / p) estimates the arm's share of all units. Null
  where a probability is unknown, or an arm of one of several treatments has no unit in the stratum.
#}
{% macro compared_cells(cells, keys) -%}
    with

    variants as (

        select * from {{ ref('int_experiments__variants') }}

    ),

    pairs as (

        select
            controls.experiment_id,
            controls.variant as control,
            treatments.variant as treatment,
            count(*) over (partition by controls.experiment_id) as treatment_count

        from variants as controls
        inner join variants as treatments
            on controls.experiment_id = treatments.experiment_id

        where controls.is_control and not treatments.is_control

    ),

    cells_paired as (

        select
            cells.*,
            pairs.treatment,
            pairs.treatment_count,
            cells.variant != pairs.control as is_treated

        from {{ cells }} as cells
        inner join pairs
            on
                cells.experiment_id = pairs.experiment_id
                and cells.variant in (pairs.control, pairs.treatment)

    ),

    cells_shared as (

        select
            *,
            {%- for arm in ['is_treated', 'not is_treated'] %}
            case
                when
                    min(case when {{ arm }} then assignment_probability end) over stratum
                    = max(case when {{ arm }} then assignment_probability end) over stratum
                    then max(case when {{ arm }} then assignment_probability end) over stratum
                else
                    sum(case when {{ arm }} then n_units end) over stratum
                    / sum(case when {{ arm }} then n_units / assignment_probability end) over stratum
            end{{ ' +' if loop.first else ' as compared_probability' }}
            {%- endfor %}

        from cells_paired

        -- in an order, so that the last digits do not depend on threads
        window
            stratum as (
                partition by {{ (keys + ['treatment', 'stratum']) | join(', ') }}
                order by is_treated, assignment_probability
                rows between unbounded preceding and unbounded following
            )

    )

    select
        {{ keys | join(',\n        ') }},
        treatment,
        stratum,
        {%- for column in cell_columns() %}
        {{ column }},
        {%- endfor %}
        assignment_probability / case when treatment_count = 1 then 1 else compared_probability end
            as arm_probability,
        is_treated

    from cells_shared
{%- endmacro %}
