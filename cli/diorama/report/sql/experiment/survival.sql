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
    coalesce(survival.ci_upper, survival.survival_rate) as ci_upper
from marts.experiments__survival as survival
inner join intermediate.int_experiments__experiments as experiments
    on survival.experiment_id = experiments.experiment_id
where
    survival.experiment_id = getvariable('experiment')
    and survival.variant in (experiments.control, getvariable('treatment'))
    and survival.days_since_exposure <= 400
qualify max(survival.days_since_exposure) over (partition by survival.segment) > 0
order by
    survival.segment != 'all',
    panel,
    survival.variant != experiments.control,
    day;

-- one row: what the sentence says
with

tests as (

    select distinct
        log_rank_p_value_holm as p_value,
        rmst_difference as difference,
        rmst_ci_lower as lower,
        rmst_ci_upper as upper,
        restricted_days as days

    from marts.experiments__survival

    where
        experiment_id = getvariable('experiment')
        and variant = getvariable('treatment')
        and segment = 'all'
        and log_rank_p_value_holm is not null

)

select
    case
        when count(*) = 0 then 'untested'
        when min(p_value) < 0.05 then 'found'
        else 'nothing'
    end as says,
    min(p_value) as p_value,
    min(difference) as difference,
    min(lower) as lower,
    min(upper) as upper,
    min(days) as days
from tests
