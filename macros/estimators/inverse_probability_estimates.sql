{#
  Relation: mean and variance of the mean of each arm by inverse probability weighting (ipw), from the
  moments of cells by stratum and arm_probability p. With w = 1 / p of each unit, Hajek's estimator is
  M = sum w y / sum w d, its variance the sum of the squares of w z over (sum w d)^2, z = y - M d (d is 1
  unless the metric is a ratio). For small arms it is multiplied by m / (m - 1) and has m - 1 degrees of
  freedom, with Kish's m = (sum w)^2 / sum w^2: where all have the same p, that is Welch's t.
  Null where a probability is unknown.
#}
{% macro inverse_probability_estimates(cells, keys) -%}
{%- set arm = keys | join(', ') ~ ', is_treated' -%}
    with

    cells_weighted as (

        select
            *,
            n_units / arm_probability as weight,
            row_number() over (partition by {{ arm }} order by stratum, arm_probability) as position

        from {{ cells }}

    ),

    arms_weighted as (

        select
            {{ arm }},
            {{ ordered_sum('weight * divisor_mean', 'position') }} as weight_sum,
            {{ ordered_sum('weight * main_mean', 'position') }}
            / nullif({{ ordered_sum('weight * divisor_mean', 'position') }}, 0) as arm_mean,
            {{ ordered_sum('weight', 'position') }} * {{ ordered_sum('weight', 'position') }}
            / {{ ordered_sum('weight * weight / n_units', 'position') }} as effective_units

        from cells_weighted

        group by {{ arm }}

        having count(weight) = count(*)

    ),

    cells_centred as (

        select
            cells.*,
            arms.weight_sum,
            arms.arm_mean,
            arms.effective_units,
            cells.main_mean - arms.arm_mean * cells.divisor_mean as deviation,
            cells.main_variance - 2 * arms.arm_mean * cells.main_divisor_covariance
            + arms.arm_mean * arms.arm_mean * cells.divisor_variance as deviation_variance

        from cells_weighted as cells
        inner join arms_weighted as arms
            on {{ same_columns('cells', 'arms', keys + ['is_treated']) }}

    ),

    arms_measured as (

        select
            {{ arm }},
            cast(sum(n_units) as bigint) as n_units,
            max(arm_mean) as arm_mean,
            max(effective_units) as effective_units,
            {{ ordered_sum(
                'weight * weight / n_units * (
                    coalesce(deviation_variance * (n_units - 1) / n_units, 0) + deviation * deviation
                )', 'position'
            ) }} / power(max(weight_sum), 2)
            * max(effective_units) / nullif(max(effective_units) - 1, 0) as mean_variance

        from cells_centred

        group by {{ arm }}

    )

    select
        {{ arm }},
        'ipw' as estimator,
        'sate' as estimand,
        n_units,
        arm_mean,
        mean_variance,
        cast(0 as double) as mean_covariance,
        mean_variance * mean_variance / nullif(effective_units - 1, 0) as dof_term,
        effective_units

    from arms_measured
{%- endmacro %}
