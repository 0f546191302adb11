-- one row per experiment, treatment, unit of that treatment or of control that is
-- analysed or whose log was lost, and metric
with

outcomes as (

    select * from {{ ref('truth__unit_outcomes') }}

),

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

both_arms as (

    select
        control.experiment_id,
        control.unit_id,
        control.metric,
        control.kind,
        treated.variant as treatment,
        control.assigned_variant as variant,
        control.stratum,
        control.segment,
        control.unit_hash,
        control.assignment_probability,
        control.divisor,
        control.numerator as y0_numerator,
        control.numerator_uncut as y0_numerator_uncut,
        control.denominator as y0_denominator,
        treated.numerator as y1_numerator,
        treated.numerator_uncut as y1_numerator_uncut,
        treated.denominator as y1_denominator,
        control.is_logged,
        control.is_lost_if_treated,
        control.is_lost_under_null,
        control.assigned_variant = treated.variant as is_treated

    from outcomes as control
    inner join outcomes as treated
        on
            control.unit_hash = treated.unit_hash
            and control.metric = treated.metric

    where
        control.is_control
        and not treated.is_control
        and control.assigned_variant in (control.variant, treated.variant)

),

-- units that were logged under several variants are neither
described as (

    select
        both_arms.*,
        coalesce(unit_metrics.stratum, both_arms.stratum) as analysed_stratum,
        coalesce(unit_metrics.segment, both_arms.segment) as analysed_segment,
        unit_metrics.unit_id is not null as is_analysed

    from both_arms
    left join unit_metrics
        on
            both_arms.unit_hash = unit_metrics.unit_hash
            and both_arms.metric = unit_metrics.metric

    where unit_metrics.unit_id is not null or not both_arms.is_logged

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
    treatment,
    unit_id,
    metric,
    kind,
    variant,
    analysed_stratum as stratum,
    analysed_segment as segment,
    unit_hash,
    assignment_probability,
    y0_numerator,
    y0_numerator_uncut,
    y0_denominator,
    y1_numerator,
    y1_numerator_uncut,
    y1_denominator,
    y0,
    y1,
    y1 - y0 as effect,
    is_analysed,
    is_treated,
    is_lost_if_treated,
    is_lost_under_null

from divided
