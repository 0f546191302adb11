-- one row per experiment, treatment (null: the whole experiment), test and scope
with

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

sample_ratios as (

    select * from {{ ref('int_experiments__sample_ratios') }}

),

sample_ratio_by_date as (

    select * from {{ ref('int_experiments__sample_ratio_by_date') }}

),

pre_period_effects as (

    select * from {{ ref('int_experiments__pre_period_effects') }}

),

final_ratios as (

    select
        *,
        max(exposure_date) over (partition by experiment_id) as last_date

    from sample_ratios

),

sample_ratio_scopes as (

    select
        *,
        'srm' as check_name,
        'all' as scope

    from final_ratios

    where exposure_date = last_date

    union all

    select
        *,
        'srm_by_stratum' as check_name,
        concat('stratum:', stratum) as scope

    from final_ratios

    where exposure_date = last_date

),

ratio_tests as (

    {{ sample_ratio_test(
        'sample_ratio_scopes', ['experiment_id', 'check_name', 'scope'],
        ['stratum', 'treatment_ppb']
    ) }}

),

tested as (

    select
        experiment_id,
        cast(null as {{ dbt.type_string() }}) as treatment,
        check_name,
        scope,
        ratio_statistic as statistic,
        cast(ratio_dof as double) as dof,
        ratio_p_value as p_value,
        0.0005e0 as level

    from ratio_tests

    union all

    select
        experiment_id,
        cast(null as {{ dbt.type_string() }}) as treatment,
        'srm_sequential' as check_name,
        'all' as scope,
        max(log_bayes_factor) as statistic,
        cast(null as double) as dof,
        min(p_value) as p_value,
        0.0005e0 as level

    from sample_ratio_by_date

    group by experiment_id

    union all

    -- without weights, the past differs wherever the probability goes with it
    select
        effects.experiment_id,
        effects.treatment,
        'pre_period_effect' as check_name,
        concat(
            'covariate:', effects.metric,
            case
                when effects.estimator = 'naive' then ', unweighted' else ', weighted'
            end
        ) as scope,
        effects.statistic,
        effects.dof,
        effects.p_value,
        0.001e0 as level

    from pre_period_effects as effects
    inner join experiments on effects.experiment_id = experiments.experiment_id

    where experiments.design = 'randomized' or effects.estimator = 'post_stratified'

)

-- the scopes of a check share its level
select
    experiment_id,
    treatment,
    check_name,
    scope,
    statistic,
    dof,
    p_value,
    level / count(p_value) over (partition by experiment_id, check_name) as threshold

from tested
