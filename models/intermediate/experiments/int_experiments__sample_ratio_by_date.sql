-- one row per experiment and date of exposure
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

strata as (

    select
        experiment_id,
        stratum,
        assignment_probability

    from {{ ref('int_experiments__sample_ratios') }}

    where assignment_probability > 0 and assignment_probability < 1

),

dates as (

    select distinct
        experiment_id,
        exposure_date

    from exposures

),

aggregated_to_date as (

    select
        experiment_id,
        stratum,
        exposure_date,
        count(*) as n_units,
        count(case when is_treated then 1 end) as treatment_units

    from exposures

    group by experiment_id, stratum, exposure_date

),

cumulated as (

    select
        dates.experiment_id,
        dates.exposure_date,
        strata.stratum,
        strata.assignment_probability,
        coalesce(sum(aggregated_to_date.n_units) over so_far, 0) as n_units,
        coalesce(sum(aggregated_to_date.treatment_units) over so_far, 0)
            as treatment_units

    from dates
    inner join strata on dates.experiment_id = strata.experiment_id
    left join aggregated_to_date
        on
            dates.experiment_id = aggregated_to_date.experiment_id
            and dates.exposure_date = aggregated_to_date.exposure_date
            and strata.stratum = aggregated_to_date.stratum

    window
        so_far as (
            partition by dates.experiment_id, strata.stratum
            order by dates.exposure_date
        )

),

counted as (

    select
        *,
        cast(treatment_units + 1 as double) as treatment_argument,
        cast(n_units - treatment_units + 1 as double) as control_argument,
        cast(n_units + 2 as double) as total_argument

    from cumulated

),

-- the multinomial against a uniform prior of the treated share (Lindon and Malek 2022)
weighed as (

    select
        *,
        {{ log_gamma('treatment_argument') }}
        + {{ log_gamma('control_argument') }}
        - {{ log_gamma('total_argument') }}
        - treatment_units * ln(assignment_probability)
        - (n_units - treatment_units) * ln(1 - assignment_probability)
            as log_bayes_factor

    from counted

),

aggregated_to_experiment as (

    select
        experiment_id,
        exposure_date,
        cast(sum(n_units) as bigint) as n_units,
        cast(sum(treatment_units) as bigint) as treatment_units,
        {{ ordered_sum('log_bayes_factor', 'stratum') }} as log_bayes_factor

    from weighed

    group by experiment_id, exposure_date

),

tested as (

    select
        *,
        exp(
            -greatest(
                0,
                max(log_bayes_factor) over (
                    partition by experiment_id order by exposure_date
                )
            )
        ) as p_value

    from aggregated_to_experiment

)

select
    experiment_id,
    n_units,
    treatment_units,
    log_bayes_factor,
    p_value,
    exposure_date

from tested
