{#
  Relation: each stratum of each arm with its weight in each estimator that sees strata and models
  outcomes. From the moments of strata, pooled by stratum. Post-stratification weights a stratum by its
  units for the effect on all (sate), by its treated units for that on the treated (satt), by n1 n0 / n
  for that where arms overlap (ato); strata of fewer than two units in an arm are left out. A covariate
  has a slope within a cell of at least units_of_slope() units that differ in it: without any, estimators
  that adjust for it are left out, and so is aipw, unless the probability of an arm varies within a stratum.
  `residuals` is the relation of weighted_residuals. What decides (`decisive`) is always on all.
#}
{% macro stratum_weights(moments, residuals, keys, decisive=false) -%}
{%- set pair = (keys + ['stratum']) | join(', ') -%}
{%- set key_columns = keys | join(', ') -%}
    with

    strata_paired as (

        select
            *,
            case when n_units >= {{ units_of_slope() }} and covariate_variance > 0 then 1 else 0 end
                as slope_count,
            coalesce(
                sum(case when is_treated then n_units end) over (partition by {{ pair }}), 0
            ) as treated_units,
            coalesce(
                sum(case when not is_treated then n_units end) over (partition by {{ pair }}), 0
            ) as untreated_units

        from {{ moments }}

    ),

    strata_fitted as (

        select
            strata_paired.*,
            residuals.residual_sum,
            residuals.residual_covariate_sum,
            residuals.residual_sum_squares,
            residuals.probability_count

        from strata_paired
        inner join residuals
            on {{ same_columns('strata_paired', 'residuals', keys + ['stratum', 'is_treated']) }}

        where least(strata_paired.treated_units, strata_paired.untreated_units) >= 2

    ),

    strata_adjustable as (

        select
            *,
            max(slope_count) over (partition by {{ key_columns }}) as most_slopes,
            max(probability_count) over (partition by {{ key_columns }}) as most_probabilities

        from strata_fitted

    ),

    strata_weighted as (

        {% for estimator, estimand, weight, condition in [
            ('post_stratified', 'sate', 'treated_units + untreated_units', 'true'),
            ('post_stratified', 'satt', 'treated_units', 'true'),
            ('post_stratified', 'ato', 'treated_units * untreated_units
                / cast(treated_units + untreated_units as double)', 'not is_ratio'),
            ('post_stratified_cuped', 'sate', 'treated_units + untreated_units', 'most_slopes = 1'),
            ('aipw', 'sate', 'treated_units + untreated_units',
                'not is_ratio and (most_slopes = 1 or most_probabilities > 1)'),
        ] if estimand == 'sate' or not decisive -%}
        select
            *,
            '{{ estimator }}' as estimator,
            '{{ estimand }}' as estimand,
            cast({{ weight }} as double) as weight,
            {{ 'slope_count' if estimator in ('post_stratified_cuped', 'aipw') else 0 }} as slopes

        from strata_adjustable

        where {{ condition }}

        {{ 'union all' if not loop.last }}

        {% endfor -%}

    )

    select * from strata_weighted
{%- endmacro %}
