-- one row per arm, segment and day since exposure, over the cohorts
create or replace temp table figure as
select
    retention.segment as panel,
    retention.variant as arm,
    retention.days_since_exposure as day,
    cast(sum(retention.n_at_risk) as bigint) as amount,
    cast(sum(retention.n_retained) as bigint) as retained,
    cast(sum(retention.n_retained) as double)
    / nullif(sum(retention.n_at_risk), 0) as share
from marts.experiments__retention as retention
inner join intermediate.int_experiments__experiments as experiments
    on retention.experiment_id = experiments.experiment_id
where retention.experiment_id = getvariable('experiment')
group by panel, arm, day, experiments.control
order by panel asc, arm = experiments.control desc, day asc;

-- one row: what the sentence says
with

arms as (

    select
        arm,
        day,
        cast(sum(retained) as double) / nullif(sum(amount), 0) as share,
        row_number() over (partition by day order by arm) as arm_number

    from figure

    group by arm, day

),

days as (

    select max(day) as last_day

    from arms

)

select
    least(days.last_day, 7) as day,
    max(arms.arm) filter (arms.arm_number = 1) as one_arm,
    max(arms.share) filter (arms.arm_number = 1) as one_share,
    max(arms.arm) filter (arms.arm_number = 2) as other_arm,
    max(arms.share) filter (arms.arm_number = 2) as other_share
from arms
inner join days on arms.day = least(days.last_day, 7)
group by days.last_day
