-- how long units could be seen before and after their exposure
update inputs.exposures
set
    prior_days = case
        when experiment_id in (select experiment_id from with_past)
            then date_diff('day', {{ first_date }}, cast(first_exposed_at as date))
    end,
    followed_days = date_diff('day', cast(first_exposed_at as date), {{ last_date }})
where experiment_id in (select experiment_id from with_facts);

insert into marts.experiments__input_checks
select
    'facts_end_before_window',
    'warn',
    'facts',
    exposures.experiment_id,
    count(*),
    list_sort(list(exposures.unit_id order by exposures.unit_id)[:5]),
    concat(
        'units that are not followed to day ', metrics.window_end_day, ' are left out of ',
        metrics.metric, ' (facts end on ', {{ last_date }}, ')'
    )
from inputs.exposures as exposures
inner join inputs.metrics as metrics on exposures.experiment_id = metrics.experiment_id
where
    exposures.experiment_id in (select experiment_id from with_facts)
    and not exposures.is_multi_variant
    and exposures.followed_days < metrics.window_end_day
group by exposures.experiment_id, metrics.metric, metrics.window_end_day;
