-- one row per experiment and date of exposure
with

sample_ratios as (

    select * from {{ ref('int_experiments__sample_ratios') }}

),

counted as (

    select
        *,
        cast(n_units + 1 as double) as variant_argument

    from sample_ratios

    where variant_probability > 0 and variant_probability < 1

),

variant_terms as (

    select
        *,
        {{ log_gamma('variant_argument') }} - n_units * ln(variant_probability)
            as log_likelihood_ratio

    from counted

),

aggregated_to_cell as (

    select
        experiment_id,
        stratum,
        treatment_ppb,
        exposure_date,
        cast(sum(n_units) as bigint) as n_units,
        {{ ordered_sum('log_likelihood_ratio', 'variant') }} as log_likelihood_ratio,
        cast(count(*) as double) as prior_argument,
        cast(sum(n_units) + count(*) as double) as total_argument

    from variant_terms

    group by experiment_id, stratum, treatment_ppb, exposure_date

),

-- the multinomial against a uniform prior of the shares (Lindon and Malek 2022)
weighed as (

    select
        *,
        log_likelihood_ratio
        + {{ log_gamma('prior_argument') }}
        - {{ log_gamma('total_argument') }} as log_bayes_factor

    from aggregated_to_cell

),

aggregated_to_experiment as (

    select
        experiment_id,
        exposure_date,
        cast(sum(n_units) as bigint) as n_units,
        {{ ordered_sum('log_bayes_factor', "concat(stratum, ':', treatment_ppb)") }}
            as log_bayes_factor

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
    log_bayes_factor,
    p_value,
    exposure_date

from tested
