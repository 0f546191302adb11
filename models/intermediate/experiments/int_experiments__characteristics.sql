-- one row per experiment, characteristic known before the exposure, stratum and arm
with

statistics as (

    select * from {{ ref('int_experiments__sufficient_statistics') }}

),

strata as (

    select * from {{ ref('int_experiments__sample_ratios') }}

),

variants as (

    select * from {{ ref('int_experiments__variants') }}

),

arm_strata as (

    select
        experiment_id,
        stratum,
        assignment_probability,
        treatment_units as n_units,
        true as is_treated

    from strata

    union all

    select
        experiment_id,
        stratum,
        assignment_probability,
        n_units - treatment_units as n_units,
        false as is_treated

    from strata

),

characteristics as (

    select
        statistics.experiment_id,
        concat('covariate:', statistics.metric) as characteristic,
        statistics.stratum,
        case
            when variants.is_control then 1 - statistics.assignment_probability
            else statistics.assignment_probability
        end as assignment_probability,
        statistics.covariate_count as n_units,
        statistics.covariate_sum as value_sum,
        statistics.covariate_sum_squares as value_sum_squares,
        not variants.is_control as is_treated

    from statistics
    inner join variants
        on
            statistics.experiment_id = variants.experiment_id
            and statistics.variant = variants.variant

    where statistics.covariate_count > 0

    union all

    -- whether a unit is of a stratum, as 0 or 1
    select
        arm_strata.experiment_id,
        concat('stratum:', strata.stratum) as characteristic,
        arm_strata.stratum,
        arm_strata.assignment_probability,
        arm_strata.n_units,
        case when arm_strata.stratum = strata.stratum then arm_strata.n_units else 0 end
            as value_sum,
        case when arm_strata.stratum = strata.stratum then arm_strata.n_units else 0 end
            as value_sum_squares,
        arm_strata.is_treated

    from arm_strata
    inner join strata on arm_strata.experiment_id = strata.experiment_id

)

select * from characteristics
