-- one row per experiment, variant, stratum, probability of the variant, and metric
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

-- where sums are given, and no units
given_sums as (

    {{ input_rows('moments') }}

),

aggregated_to_cell as (

    select
        experiment_id,
        variant,
        stratum,
        metric,
        assignment_probability,
        {{ cell_sums(numerator='numerator_winsorized') }}

    from unit_metrics

    group by experiment_id, variant, stratum, metric, assignment_probability

    union all

    select
        experiment_id,
        variant,
        stratum,
        metric,
        assignment_probability,
        {{ cell_columns() | join(',\n            ') }}
    from given_sums

    where is_final

)

select * from aggregated_to_cell
