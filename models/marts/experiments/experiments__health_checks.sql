-- one row per experiment, treatment (null: the whole experiment), check and scope
with

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

sample_ratios as (

    select * from {{ ref('int_experiments__sample_ratios') }}

),

tests as (

    select * from {{ ref('int_experiments__health_tests') }}

),

pre_period_effects as (

    select * from {{ ref('int_experiments__pre_period_effects') }}

),

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

),

final_ratios as (

    select
        *,
        max(exposure_date) over (partition by experiment_id) as last_date

    from sample_ratios

),

arm_counts as (

    select
        experiment_id,
        stratum,
        variant,
        cast(sum(n_units) as bigint) as n_units

    from final_ratios

    where exposure_date = last_date

    group by experiment_id, stratum, variant

),

compared_counts as (

    {{ compared_variants('arm_counts') }}

),

compared_strata as (

    select
        experiment_id,
        treatment,
        stratum,
        sum(n_units) as n_units,
        min(n_units) as smaller_units

    from compared_counts

    group by experiment_id, treatment, stratum

),

-- what the experiment's estimator takes for one probability, and how much it varies
probability_ranges as (

    select
        sample_ratios.experiment_id,
        max(sample_ratios.variant_probability)
        - min(sample_ratios.variant_probability) as probability_range,
        count(sample_ratios.variant_probability) as known_count,
        count(*) as cell_count

    from sample_ratios
    inner join experiments on sample_ratios.experiment_id = experiments.experiment_id

    group by
        sample_ratios.experiment_id,
        sample_ratios.variant,
        case
            when experiments.estimator like 'post_stratified%'
                then sample_ratios.stratum
        end

),

-- a sample ratio that is unlikely asks for a look before it blocks
graded_tests as (

    select
        *,
        check_name = 'srm' and p_value >= threshold and p_value < 0.01e0 as is_unlikely

    from tests

),

checks as (

    select
        experiment_id,
        treatment,
        check_name,
        scope,
        statistic,
        dof,
        p_value,
        case when is_unlikely then 0.01e0 else threshold end as threshold,
        is_unlikely or p_value < threshold as is_alert,
        case when is_unlikely then 'warn' else 'block' end as severity

    from graded_tests

    union all

    -- large and no accident
    select
        experiment_id,
        treatment,
        'covariate_balance' as check_name,
        concat('covariate:', metric) as scope,
        standardized_difference as statistic,
        cast(null as double) as dof,
        balance_p_value as p_value,
        0.1e0 as threshold,
        abs(standardized_difference) > 0.1e0 and balance_p_value < 0.001e0 as is_alert,
        'warn' as severity

    from pre_period_effects

    where estimator = 'post_stratified'

    union all

    select
        experiment_id,
        cast(null as {{ dbt.type_string() }}) as treatment,
        'multi_variant_rate' as check_name,
        'all' as scope,
        cast(count(case when is_multi_variant then 1 end) as double) / count(*)
            as statistic,
        cast(null as double) as dof,
        cast(null as double) as p_value,
        0.01e0 as threshold,
        count(case when is_multi_variant then 1 end) > 0.01e0 * count(*) as is_alert,
        'warn' as severity

    from exposures

    group by experiment_id

    union all

    -- units of strata that post-stratification leaves out
    select
        experiment_id,
        treatment,
        'overlap' as check_name,
        'all' as scope,
        cast(sum(case when smaller_units < 2 then n_units else 0 end) as double)
        / sum(n_units) as statistic,
        cast(null as double) as dof,
        cast(null as double) as p_value,
        0.01e0 as threshold,
        sum(case when smaller_units < 2 then n_units else 0 end) > 0.01e0 * sum(n_units)
            as is_alert,
        'warn' as severity

    from compared_strata

    group by experiment_id, treatment

    union all

    -- with two units there is an estimate, with thirty its interval can be relied on
    select
        arm_counts.experiment_id,
        case when not variants.is_control then variants.variant end as treatment,
        'small_arm' as check_name,
        concat('variant:', variants.variant) as scope,
        cast(sum(arm_counts.n_units) as double) as statistic,
        cast(null as double) as dof,
        cast(null as double) as p_value,
        30e0 as threshold,
        sum(arm_counts.n_units) < 30 as is_alert,
        case when sum(arm_counts.n_units) < 2 then 'block' else 'warn' end as severity

    from arm_counts
    inner join variants
        on
            arm_counts.experiment_id = variants.experiment_id
            and arm_counts.variant = variants.variant

    group by arm_counts.experiment_id, variants.variant, variants.is_control

    union all

    select
        experiment_id,
        cast(null as {{ dbt.type_string() }}) as treatment,
        'probability_varies' as check_name,
        'all' as scope,
        max(probability_range) as statistic,
        cast(null as double) as dof,
        cast(null as double) as p_value,
        0e0 as threshold,
        case when min(known_count) = max(cell_count) then max(probability_range) > 0 end
            as is_alert,
        'warn' as severity

    from probability_ranges

    group by experiment_id

)

select
    experiment_id,
    treatment,
    check_name,
    scope,
    severity,
    case
        when is_alert is null then 'unknown'
        when is_alert then 'alert'
        else 'ok'
    end as status,
    statistic,
    dof,
    p_value,
    threshold

from checks
