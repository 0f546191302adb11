{#
  Relation: each stratum of each arm with its weight in each estimator that sees strata. From the moments
  of strata. Post-stratification weights a stratum by its units for the effect on all (sate), by its
  treated units for that on the treated (satt), by n1 n0 / n for that where arms overlap (ato); it
  leaves out strata of fewer than two units in an arm. Inverse probability weighting (ipw) weights an
  arm's units by 1 / e, the logged probability of their arm.
#}
{% macro stratum_weights(moments, keys) -%}
{%- set stratum_columns = keys | join(', ') ~ ', stratum' -%}
    with

    strata_paired as (

        select
            *,
            case when is_treated then assignment_probability else 1 - assignment_probability end
                as arm_probability,
            coalesce(
                sum(case when is_treated then n_units end) over (partition by {{ stratum_columns }}), 0
            ) as treated_units,
            coalesce(
                sum(case when not is_treated then n_units end)
                    over (partition by {{ stratum_columns }}), 0
            ) as untreated_units

        from {{ moments }}

    ),

    strata_weighted as (

        {% for estimator, estimand, weight, condition in [
            ('post_stratified', 'sate', 'treated_units + untreated_units', ''),
            ('post_stratified', 'satt', 'treated_units', ''),
            ('post_stratified', 'ato', 'treated_units * untreated_units
                / cast(treated_units + untreated_units as double)', ' and not is_ratio'),
            ('post_stratified_cuped', 'sate', 'treated_units + untreated_units', ' and not is_ratio'),
            ('aipw', 'sate', 'treated_units + untreated_units', ' and not is_ratio'),
        ] -%}
        select
            *,
            '{{ estimator }}' as estimator,
            '{{ estimand }}' as estimand,
            cast({{ weight }} as double) as weight

        from strata_paired

        where least(treated_units, untreated_units) >= 2{{ condition }}

        union all

        {% endfor -%}
        select
            *,
            'ipw' as estimator,
            'sate' as estimand,
            n_units / nullif(arm_probability, 0) as weight

        from strata_paired

    )

    select * from strata_weighted
{%- endmacro %}
