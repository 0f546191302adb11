-- one row per experiment, check and scope
with

sample_ratios as (

    select * from {{ ref('int_experiments__sample_ratios') }}

),

sample_ratio_by_date as (

    select * from {{ ref('int_experiments__sample_ratio_by_date') }}

),

balance as (

    select * from {{ ref('int_experiments__balance') }}

),

pre_period_effects as (

    select * from {{ ref('int_experiments__pre_period_effects') }}

),

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

),

-- squares of standardized counts: chi-square with one degree of freedom
ratio_statistics as (

    select
        experiment_id,
        'srm' as check_name,
        'all' as scope,
        power(
            sum(treatment_units)
            - {{ ordered_sum('expected_treatment_units', 'stratum') }}, 2
        ) / nullif({{ ordered_sum('treatment_units_variance', 'stratum') }}, 0)
            as statistic,
        1 as dof

    from sample_ratios

    group by experiment_id

    union all

    select
        experiment_id,
        'srm_by_stratum' as check_name,
        concat('stratum:', stratum) as scope,
        power(treatment_units - expected_treatment_units, 2)
        / nullif(treatment_units_variance, 0) as statistic,
        1 as dof

    from sample_ratios

),

ratio_tests as (

    {{ chi_square_sf('ratio_statistics', 'statistic', 'dof', 'p_value') }}

),

tested as (

    select
        experiment_id,
        check_name,
        scope,
        statistic,
        cast(dof as double) as dof,
        p_value,
        0.0005e0 as threshold

    from ratio_tests

    union all

    select
        experiment_id,
        'srm_sequential' as check_name,
        'all' as scope,
        max(log_bayes_factor) as statistic,
        cast(null as double) as dof,
        min(p_value) as p_value,
        0.0005e0 as threshold

    from sample_ratio_by_date

    group by experiment_id

    union all

    select
        experiment_id,
        'pre_period_effect' as check_name,
        concat('covariate:', metric) as scope,
        statistic,
        dof,
        p_value,
        0.001e0 as threshold

    from pre_period_effects

),

sized as (

    select
        experiment_id,
        'covariate_balance' as check_name,
        concat(characteristic, ', unweighted') as scope,
        standardized_difference as statistic,
        0.1e0 as threshold

    from balance

    union all

    select
        experiment_id,
        'covariate_balance' as check_name,
        concat(characteristic, ', weighted') as scope,
        weighted_standardized_difference as statistic,
        0.1e0 as threshold

    from balance

    union all

    select
        experiment_id,
        'multi_variant_rate' as check_name,
        'all' as scope,
        cast(count(case when is_multi_variant then 1 end) as double) / count(*)
            as statistic,
        0.001e0 as threshold

    from exposures

    group by experiment_id

),

checks as (

    select
        experiment_id,
        check_name,
        scope,
        statistic,
        dof,
        p_value,
        threshold,
        p_value < threshold as is_alert

    from tested

    union all

    select
        experiment_id,
        check_name,
        scope,
        statistic,
        cast(null as double) as dof,
        cast(null as double) as p_value,
        threshold,
        abs(statistic) > threshold as is_alert

    from sized

)

select
    experiment_id,
    check_name,
    scope,
    statistic,
    dof,
    p_value,
    threshold,
    case
        when is_alert is null then 'unknown'
        when is_alert then 'alert'
        else 'ok'
    end as status

from checks
