-- one row per experiment and segment
with

counts as (

    select * from {{ ref('int_experiments__survival_counts') }}

),

aggregated_to_day as (

    select
        experiment_id,
        segment,
        days_since_exposure,
        cast(sum(n_at_risk) as double) as n_at_risk,
        cast(sum(n_events) as double) as n_events,
        cast(sum(case when is_treated then n_at_risk else 0 end) as double)
            as treated_at_risk,
        cast(sum(case when is_treated then n_events else 0 end) as double)
            as treated_events

    from counts

    group by experiment_id, segment, days_since_exposure

),

-- hypergeometric: which of those at risk the events of a day meet
expected as (

    select
        *,
        treated_events - n_events * treated_at_risk / n_at_risk as day_excess,
        treated_at_risk * (n_at_risk - treated_at_risk) / (n_at_risk * n_at_risk)
        * n_events * (n_at_risk - n_events)
        / greatest(n_at_risk - 1, 1) as day_variance

    from aggregated_to_day

),

-- in the order of days, so that no order of adding changes a digit
cumulated as (

    select
        experiment_id,
        segment,
        sum(day_excess) over (
            partition by experiment_id, segment
            order by days_since_exposure rows unbounded preceding
        ) as excess,
        sum(day_variance) over (
            partition by experiment_id, segment
            order by days_since_exposure rows unbounded preceding
        ) as variance,
        row_number() over (
            partition by experiment_id, segment order by days_since_exposure desc
        ) as days_left

    from expected

),

compared as (

    select
        experiment_id,
        segment,
        excess * excess / nullif(variance, 0) as log_rank_statistic

    from cumulated

    where days_left = 1

),

tested as (

    {{ chi_square_sf('compared', 'log_rank_statistic', 1, 'log_rank_p_value') }}

)

select
    experiment_id,
    segment,
    log_rank_statistic,
    log_rank_p_value

from tested
