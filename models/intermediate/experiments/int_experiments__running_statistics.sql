-- one row per experiment, metric, date on which windows of units end, variant, stratum
-- and probability of the variant
with

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

-- where sums are given, and no units
given_sums as (

    {{ input_rows('moments') }}

),

completed as (

    select
        unit_metrics.*,
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
        variant,
        stratum,
        metric,
        assignment_probability,
        {{ cell_sums(numerator='numerator_winsorized') }},
        as_of_date

    from completed

    group by
        experiment_id, variant, stratum, metric, assignment_probability, as_of_date

),

cells as (

    select distinct
        experiment_id,
        variant,
        stratum,
        metric,
        assignment_probability

    from aggregated_to_date

),

dates as (

    select distinct
        experiment_id,
        metric,
        as_of_date

    from aggregated_to_date

),

-- every date has all cells, also where the windows of other units end
running as (

    select
        cells.experiment_id,
        cells.variant,
        cells.stratum,
        cells.metric,
        cells.assignment_probability,
        {{ running_cells('ended', 'so_far') }},
        dates.as_of_date

    from cells
    inner join dates
        on
            cells.experiment_id = dates.experiment_id
            and cells.metric = dates.metric
    left join aggregated_to_date as ended
        on
            cells.experiment_id = ended.experiment_id
            and cells.variant = ended.variant
            and cells.stratum = ended.stratum
            and cells.metric = ended.metric
            and coalesce(cells.assignment_probability, -1)
            = coalesce(ended.assignment_probability, -1)
            and dates.as_of_date = ended.as_of_date

    window
        so_far as (
            partition by
                cells.experiment_id,
                cells.variant,
                cells.stratum,
                cells.metric,
                cells.assignment_probability
            order by dates.as_of_date
        )

)

select
    experiment_id,
    variant,
    stratum,
    metric,
    assignment_probability,
    {{ cell_columns() | join(',\n    ') }},
    as_of_date

from running

where n_units > 0

union all

select
    experiment_id,
    variant,
    stratum,
    metric,
    assignment_probability,
    {{ cell_columns() | join(',\n        ') }},
    as_of_date
from given_sums
