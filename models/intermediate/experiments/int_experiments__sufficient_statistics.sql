-- one row per experiment, variant, stratum and metric
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

aggregated_to_cell as (

    select
        experiment_id,
        variant,
        stratum,
        metric,
        max(assignment_probability) as assignment_probability,
        {{ cell_sums(numerator='numerator_winsorized') }},
        is_treated

    from unit_metrics

    group by experiment_id, variant, stratum, metric, is_treated

)

select * from aggregated_to_cell
