-- one row per experiment, variant and segment
with

curves as (

    select * from {{ ref('int_experiments__survival_curves') }}

),

arm_ends as (

    select
        experiment_id,
        segment,
        variant,
        max(days_since_exposure) as last_day

    from curves

    group by experiment_id, segment, variant

),

-- the last day to which all arms are followed
limits as (

    select
        experiment_id,
        segment,
        min(last_day) as restricted_days

    from arm_ends

    group by experiment_id, segment

),

-- the area under the curve before a day; sums are in the order of days
areas as (

    select
        curves.experiment_id,
        curves.variant,
        curves.segment,
        limits.restricted_days,
        curves.days_since_exposure,
        curves.greenwood_term,
        coalesce(sum(curves.survival_rate) over (
            partition by curves.experiment_id, curves.variant, curves.segment
            order by curves.days_since_exposure
            rows between unbounded preceding and 1 preceding
        ), 0e0) as area_before

    from curves
    inner join limits
        on
            curves.experiment_id = limits.experiment_id
            and curves.segment = limits.segment

    where curves.days_since_exposure <= limits.restricted_days

),

restricted as (

    select
        *,
        max(area_before) over (partition by experiment_id, variant, segment) as rmst

    from areas

),

-- an event moves the area that is left after it
cumulated as (

    select
        experiment_id,
        variant,
        segment,
        restricted_days,
        rmst,
        sum((rmst - area_before) * (rmst - area_before) * greenwood_term) over (
            partition by experiment_id, variant, segment
            order by days_since_exposure rows unbounded preceding
        ) as variance

    from restricted

)

select
    experiment_id,
    variant,
    segment,
    restricted_days,
    rmst,
    sqrt(max(variance)) as rmst_std_error

from cumulated

group by experiment_id, variant, segment, restricted_days, rmst
