-- one row per experiment, metric, date on which windows of units end, and arm
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

completed as (

    select
        unit_metrics.experiment_id,
        unit_metrics.metric,
        unit_metrics.numerator_winsorized,
        unit_metrics.denominator,
        unit_metrics.is_treated,
        {{ add_days('unit_metrics.exposure_date', 'metrics.window_end_day') }}
            as as_of_date

    from unit_metrics
    inner join metrics
        on
            unit_metrics.experiment_id = metrics.experiment_id
            and unit_metrics.metric = metrics.metric

),

aggregated_to_date as (

    select
        experiment_id,
        metric,
        as_of_date,
        {{ cell_sums(
            'numerator_winsorized', 'denominator', 'cast(null as bigint)'
        ) }},
        is_treated

    from completed

    group by experiment_id, metric, as_of_date, is_treated

),

-- every date has both arms, also where units of one alone come to their end
looks as (

    select distinct
        dates.experiment_id,
        dates.metric,
        dates.as_of_date,
        arms.is_treated

    from aggregated_to_date as dates
    inner join aggregated_to_date as arms
        on
            dates.experiment_id = arms.experiment_id
            and dates.metric = arms.metric

),

running as (

    select
        looks.experiment_id,
        looks.metric,
        {{ running_cells('cells', 'so_far') }},
        looks.is_treated,
        looks.as_of_date

    from looks
    left join aggregated_to_date as cells
        on
            looks.experiment_id = cells.experiment_id
            and looks.metric = cells.metric
            and looks.as_of_date = cells.as_of_date
            and looks.is_treated = cells.is_treated

    window
        so_far as (
            partition by looks.experiment_id, looks.metric, looks.is_treated
            order by looks.as_of_date
        )

)

select
    experiment_id,
    metric,
    {{ cell_columns() | join(',\n    ') }},
    is_treated,
    as_of_date

from running

where n_units > 0
