-- one row per experiment, unit that is analysed or whose log was lost, and metric
with

outcomes as (

    select * from {{ ref('truth__unit_outcomes') }}

),

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

-- units that were logged in both arms are neither
described as (

    select
        outcomes.*,
        coalesce(unit_metrics.stratum, outcomes.stratum) as analysed_stratum,
        coalesce(unit_metrics.segment, outcomes.stratum) as segment,
        unit_metrics.unit_id is not null as is_analysed,
        outcomes.variant != experiments.control as is_treated

    from outcomes
    inner join experiments on outcomes.experiment_id = experiments.experiment_id
    left join unit_metrics
        on
            outcomes.experiment_id = unit_metrics.experiment_id
            and outcomes.unit_id = unit_metrics.unit_id
            and outcomes.metric = unit_metrics.metric

    where unit_metrics.unit_id is not null or not outcomes.is_logged

),

-- a ratio of nothing is null
divided as (

    select
        *,
        case
            when kind = 'ratio' then {{ ratio('y0_numerator', 'y0_denominator') }}
            else cast(y0_numerator as double)
        end / divisor as y0,
        case
            when kind = 'ratio' then {{ ratio('y1_numerator', 'y1_denominator') }}
            else cast(y1_numerator as double)
        end / divisor as y1

    from described

)

select
    experiment_id,
    unit_id,
    metric,
    kind,
    variant,
    analysed_stratum as stratum,
    segment,
    y0_numerator,
    y0_denominator,
    y1_numerator,
    y1_denominator,
    y0,
    y1,
    y1 - y0 as effect,
    is_analysed,
    is_treated

from divided
