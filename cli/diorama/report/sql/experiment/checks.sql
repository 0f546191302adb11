-- one row per check and scope
create or replace temp table figure as
select
    replace(check_name, '_', ' ') as "check",
    replace(scope, '_', ' ') as scope,
    replace(status, '_', ' ') as status,
    statistic,
    p_value,
    threshold
from marts.experiments__health_checks
where experiment_id = getvariable('experiment')
order by
    list_position(
        [
            'srm',
            'srm_by_stratum',
            'srm_sequential',
            'multi_variant_rate',
            'covariate_balance',
            'pre_period_effect'
        ],
        check_name
    ),
    scope;

-- one row: what the sentence says
select
    count(*) as checks,
    count(*) filter (status = 'alert') as alerts,
    coalesce(
        string_agg(distinct "check", ', ' order by "check") filter (status = 'alert'),
        'none'
    ) as alerting
from figure
