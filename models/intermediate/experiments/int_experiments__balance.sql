-- one row per experiment and characteristic of units that is known before the exposure
with

characteristics as (

    select * from {{ ref('int_experiments__characteristics') }}

),

weighted as (

    select
        *,
        1 / nullif(
            case
                when is_treated then assignment_probability
                else 1 - assignment_probability
            end,
            0
        ) as unit_weight

    from characteristics

),

aggregated_to_arm as (

    select
        experiment_id,
        characteristic,
        is_treated,
        {{ exact_sum('n_units') }} as n_units,
        {{ exact_sum('value_sum') }} as value_sum,
        {{ exact_sum('value_sum_squares') }} as value_sum_squares,
        {{ ordered_sum('unit_weight * cast(value_sum as double)', 'stratum') }}
        / nullif({{ ordered_sum('unit_weight * n_units', 'stratum') }}, 0)
            as weighted_mean

    from weighted

    group by experiment_id, characteristic, is_treated

),

measured as (

    select
        *,
        cast(value_sum as double) / nullif(n_units, 0) as value_mean,
        {{ covariance_of('n_units', 'value_sum_squares', 'value_sum', 'value_sum') }}
            as value_variance

    from aggregated_to_arm

),

paired as (

    select
        experiment_id,
        characteristic,
        max(case when not is_treated then value_mean end) as control_mean,
        max(case when is_treated then value_mean end) as treatment_mean,
        max(case when not is_treated then weighted_mean end) as weighted_control_mean,
        max(case when is_treated then weighted_mean end) as weighted_treatment_mean,
        sqrt(
            (
                max(case when not is_treated then value_variance end)
                + max(case when is_treated then value_variance end)
            ) / 2
        ) as standard_deviation

    from measured

    group by experiment_id, characteristic

)

select
    experiment_id,
    characteristic,
    control_mean,
    treatment_mean,
    standard_deviation,
    (treatment_mean - control_mean) / nullif(standard_deviation, 0)
        as standardized_difference,
    (weighted_treatment_mean - weighted_control_mean) / nullif(standard_deviation, 0)
        as weighted_standardized_difference

from paired
