{{ config(tags=['deep']) }}

-- one row per experiment, analysed unit and metric: what the unit does in control, and
-- on which look its window is over
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
        unit_cells.*,
        {{ add_days('unit_metrics.exposure_date', 'metrics.window_end_day') }}
            as as_of_date

    from unit_cells
    inner join metrics
        on
            unit_cells.experiment_id = metrics.experiment_id
            and unit_cells.metric = metrics.metric
    inner join unit_metrics
        on
            unit_cells.experiment_id = unit_metrics.experiment_id
            and unit_cells.unit_id = unit_metrics.unit_id
            and unit_cells.metric = unit_metrics.metric

),

-- numbers, because grouping by names takes twice as long
numbered as (

    select
        *,
        dense_rank() over (order by experiment_id, metric) as metric_number,
        dense_rank() over (order by experiment_id, metric, as_of_date) as look_number

    from completed

)

select
    experiment_id,
    unit_id,
    metric,
    unit_key,
    assignment_probability,
    n_units,
    main_sum,
    main_sum_squares,
    denominator_sum,
    denominator_sum_squares,
    main_denominator_sum_product,
    metric_number,
    look_number,
    as_of_date

from numbered
