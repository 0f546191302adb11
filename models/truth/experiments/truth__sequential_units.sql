{{ config(tags=['monte_carlo']) }}

-- one row per experiment, treatment, analysed unit of it or of control, and metric:
-- what the unit does in control, and on which look its window is over
with

unit_cells as (

    select * from {{ ref('truth__unit_cells') }}

    where not is_treated

),

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

completed as (

    select
        unit_metrics.experiment_id,
        unit_metrics.unit_id,
        unit_metrics.metric,
        unit_metrics.variant,
        {{ add_days('unit_metrics.exposure_date', 'metrics.window_end_day') }}
            as as_of_date

    from unit_metrics
    inner join metrics
        on
            unit_metrics.experiment_id = metrics.experiment_id
            and unit_metrics.metric = metrics.metric

    where metrics.role = 'primary'

),

compared as (

    {{ compared_variants('completed') }}

),

-- numbers, because grouping by names takes twice as long
numbered as (

    select
        compared.experiment_id,
        compared.treatment,
        compared.metric,
        compared.as_of_date,
        unit_cells.unit_id,
        unit_cells.unit_key,
        unit_cells.stratum,
        unit_cells.assignment_probability as treatment_probability,
        {%- for column in cell_columns() %}
            unit_cells.{{ column }},
        {%- endfor %}
        dense_rank() over (
            order by compared.experiment_id, compared.treatment, compared.metric
        ) as metric_number,
        dense_rank() over (
            order by
                compared.experiment_id,
                compared.treatment,
                compared.metric,
                compared.as_of_date
        ) as look_number,
        dense_rank() over (
            order by
                compared.experiment_id,
                compared.treatment,
                compared.metric,
                unit_cells.stratum,
                unit_cells.assignment_probability
        ) as cell_number

    from compared
    inner join unit_cells
        on
            compared.experiment_id = unit_cells.experiment_id
            and compared.treatment = unit_cells.treatment
            and compared.unit_id = unit_cells.unit_id
            and compared.metric = unit_cells.metric

)

select
    experiment_id,
    treatment,
    unit_id,
    metric,
    stratum,
    unit_key,
    treatment_probability,
    {{ cell_columns() | join(',\n    ') }},
    metric_number,
    look_number,
    cell_number,
    as_of_date

from numbered
