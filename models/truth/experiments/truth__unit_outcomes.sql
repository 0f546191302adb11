-- one row per experiment, exposed unit, metric through whose window the unit was
-- followed, and variant: what the unit has of the metric under that variant, cut down
-- where the analysis cuts it
with

exposures as (

    {{ union_of_worlds('truth', 'exposures') }}

),

keyed as (

    select
        *,
        {{ text_key("concat(experiment_id, '/', unit_id)") }} as unit_hash

    from exposures

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

unit_metric_parts as (

    select * from {{ ref('truth__unit_metric_parts') }}

),

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

-- the cap is itself the value of a unit
caps as (

    select
        unit_metrics.experiment_id,
        unit_metrics.metric,
        max(unit_metrics.numerator_winsorized) as numerator_cap

    from unit_metrics
    inner join metrics
        on
            unit_metrics.experiment_id = metrics.experiment_id
            and unit_metrics.metric = metrics.metric

    where metrics.cap_quantile is not null

    group by unit_metrics.experiment_id, unit_metrics.metric

),

aggregated_to_metric as (

    select
        metric,
        unit_hash,
        variant,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from unit_metric_parts

    group by metric, unit_hash, variant

),

windows as (

    select
        keyed.experiment_id,
        keyed.unit_id,
        metrics.metric,
        variants.variant,
        keyed.variant as assigned_variant,
        keyed.stratum,
        keyed.segment,
        keyed.unit_hash,
        keyed.assignment_probability,
        metrics.kind,
        metrics.divisor,
        keyed.followed_days,
        metrics.is_complement,
        variants.is_control,
        keyed.is_logged,
        keyed.is_lost_if_treated,
        keyed.is_lost_under_null

    from keyed
    inner join metrics
        on
            keyed.experiment_id = metrics.experiment_id
            and keyed.followed_days >= metrics.window_end_day
    inner join variants on keyed.experiment_id = variants.experiment_id

),

filled as (

    select
        windows.*,
        cast({{ metric_value('units.numerator', 'windows') }} as bigint) as numerator,
        cast(
            case when windows.kind = 'ratio' then coalesce(units.denominator, 0) end
            as bigint
        ) as denominator

    from windows
    left join aggregated_to_metric as units
        on
            windows.unit_hash = units.unit_hash
            and windows.metric = units.metric
            and windows.variant = units.variant

),

capped as (

    select
        filled.experiment_id,
        filled.unit_id,
        filled.metric,
        filled.kind,
        filled.variant,
        filled.assigned_variant,
        filled.stratum,
        filled.segment,
        filled.unit_hash,
        filled.assignment_probability,
        least(filled.numerator, coalesce(caps.numerator_cap, filled.numerator))
            as numerator,
        filled.numerator as numerator_uncut,
        filled.denominator,
        filled.divisor,
        filled.followed_days,
        filled.is_control,
        filled.is_logged,
        filled.is_lost_if_treated,
        filled.is_lost_under_null

    from filled
    left join caps
        on
            filled.experiment_id = caps.experiment_id
            and filled.metric = caps.metric

)

select * from capped
