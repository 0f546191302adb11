-- one row per experiment, variant, stratum, probability of the variant, and metric
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

-- of the variant that the unit is in
probabilities as (

    select
        *,
        case
            when is_treated then assignment_probability else 1 - assignment_probability
        end as variant_probability

    from unit_metrics

),

aggregated_to_cell as (

    select
        experiment_id,
        variant,
        stratum,
        metric,
        variant_probability as assignment_probability,
        {{ cell_sums(numerator='numerator_winsorized') }}

    from probabilities

    group by experiment_id, variant, stratum, metric, variant_probability

)

select * from aggregated_to_cell
