-- one row per alert, and one per check for all of its scopes without: the worst of them
create or replace temp table figure as
with

checks as (

    select
        check_name,
        severity,
        status,
        p_value,
        threshold,
        concat_ws(
            ', ',
            case when scope not like 'variant:%' then treatment end,
            nullif(replace(scope, ':', ' '), 'all')
        ) as scope,
        coalesce(
            case check_name
                when 'multi_variant_rate'
                    then format('{:.2f} % of units in several arms', 100 * statistic)
                when 'overlap'
                    then format('{:.2f} % of units without a match', 100 * statistic)
                when 'small_arm' then format('{:,} units', cast(statistic as bigint))
                when 'covariate_balance'
                    then format('{:+.3f} standard deviations', statistic)
                when 'probability_varies'
                    then format('probabilities vary by {:.3g}', statistic)
                when 'srm_sequential'
                    then format('log Bayes factor {:.1f}', statistic)
                when 'pre_period_effect'
                    then format('{:+.1f} standard errors', statistic)
                else format('χ² = {:.1f}', statistic)
            end,
            'cannot be computed'
        ) as found,
        count(*) over (partition by check_name, status) as scopes,
        row_number() over (
            partition by check_name, status
            order by
                p_value asc nulls last,
                case when check_name = 'small_arm' then statistic end asc,
                abs(statistic) desc,
                scope asc,
                treatment asc
        ) as place

    from marts.experiments__health_checks

    where experiment_id = getvariable('experiment')

)

select
    replace(check_name, '_', ' ') as "check",
    severity,
    status,
    found,
    case
        when status = 'alert' or scopes = 1 then scope
        else format('worst of {}: {}', scopes, scope)
    end as scope,
    p_value,
    threshold,
    scopes
from checks
where status = 'alert' or place = 1
order by
    list_position(['alert', 'unknown', 'ok'], status),
    list_position(['block', 'warn', 'info'], severity),
    check_name,
    scope;

-- one row per severity of alerts, and one for what could not be checked: what the
-- sentence says
with

alerts as (

    select
        case when status = 'alert' then severity else status end as says,
        list(distinct "check" order by "check") as checks

    from figure

    where status != 'ok'

    group by says

),

totals as (

    select
        'nothing' as says,
        list(distinct "check") as checks

    from figure

    having count(*) > 0 and count(*) filter (status = 'alert') = 0

)

select * from alerts
union all
select * from totals
order by list_position(['block', 'warn', 'info', 'nothing', 'unknown'], says)
