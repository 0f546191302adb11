{{ config(tags=['deep']) }}

-- one row per experiment, analysed unit and metric whose looks are drawn again: what the
-- unit does in control, and on which look its window is over
with

unit_cells as (

    select * from {{ ref('truth__unit_cells') }}

    where not is_treated

),

unit_metrics as (

    select * from {{ ref('experiments__unit_metrics') }}

),

metrics as (

    select
        *,
        row_number() over (
            partition by experiment_id, kind
            order by metric
        ) as number_of_kind

    from {{ ref('metrics') }}

),

-- the metrics that decide, and one mean: the first by its name
chosen as (

    select * from metrics

    where role = 'primary' or (kind = 'mean' and number_of_kind = 1)

),

completed as (

    select
        unit_cells.*,
        {{ add_days('unit_metrics.exposure_date', 'chosen.window_end_day') }}
            as as_of_date

    from unit_cells
    inner join chosen
        on
            unit_cells.experiment_id = chosen.experiment_id
            and unit_cells.metric = chosen.metric
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
