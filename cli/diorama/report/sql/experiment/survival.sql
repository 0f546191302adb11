-- one row per arm, segment and day: the share of units that have not left by then
-- (Kaplan-Meier)
create or replace temp table figure as
select
    survival.segment as panel,
    survival.variant as arm,
    survival.days_since_exposure as day,
    survival.n_at_risk as amount,
    survival.survival_rate as share,
    coalesce(survival.ci_lower, survival.survival_rate) as ci_lower,
    coalesce(survival.ci_upper, survival.survival_rate) as ci_upper,
    survival.log_rank_p_value,
    survival.rmst_difference,
    survival.restricted_days
from marts.experiments__survival as survival
inner join intermediate.int_experiments__experiments as experiments
    on survival.experiment_id = experiments.experiment_id
where
    survival.experiment_id = getvariable('experiment')
    and survival.days_since_exposure <= 400
order by
    survival.segment != 'all',
    panel,
    survival.variant != experiments.control,
    day;

-- one row: what the sentence says
with

segments as (

    select
        panel as segment,
        log_rank_p_value as p_value,
        restricted_days as days,
        abs(rmst_difference) as difference,
        arm as longer_arm

    from figure

    where day = 0 and log_rank_p_value is not null

)

select
    segment,
    p_value,
    days,
    difference,
    longer_arm
from segments
order by segment != 'all', p_value, segment, longer_arm
limit 1
