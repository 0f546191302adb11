-- one row per experiment, treatment and metric (mean or proportion): naive effect -
-- SATE = selection by stratum + selection within strata + (SATT - SATE)
with

strata as (

    select * from {{ ref('truth__stratum_biases') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

-- ordered_sum() keeps the last digits from depending on threads
aggregated_to_metric as (

    select
        experiment_id,
        treatment,
        metric,
        {{ exact_sum('control_units') }} as control_units,
        {{ exact_sum('treated_units') }} as treated_units,
        {{ exact_sum('control_units + treated_units') }} as n_units,
        {{ exact_sum('control_y0_sum') }} as control_y0_sum,
        {{ exact_sum('treated_y1_sum') }} as treated_y1_sum,
        {{ exact_sum('treated_y1_sum - treated_y0_sum') }} as treated_effect_sum,
        {{ exact_sum(
            'control_y1_sum - control_y0_sum + treated_y1_sum - treated_y0_sum'
        ) }}
            as effect_sum,
        {{ ordered_sum('selection', 'stratum') }} as selection,
        {{ ordered_sum('within_stratum', 'stratum') }} as within_strata

    from strata

    group by experiment_id, treatment, metric

),

-- whole numbers are subtracted before they are divided: nothing is lost by it
compared as (

    select
        experiment_id,
        treatment,
        metric,
        {{ ratio(
            'treated_y1_sum * control_units - control_y0_sum * treated_units',
            'control_units * treated_units'
        ) }} as naive_effect,
        {{ ratio('effect_sum', 'n_units') }} as true_effect,
        selection,
        within_strata,
        {{ ratio(
            'treated_effect_sum * n_units - effect_sum * treated_units',
            'treated_units * n_units'
        ) }} as treated_differ

    from aggregated_to_metric

)

select
    compared.experiment_id,
    compared.treatment,
    compared.metric,
    compared.naive_effect / metrics.divisor as naive_effect,
    compared.true_effect / metrics.divisor as true_effect,
    (compared.naive_effect - compared.true_effect) / metrics.divisor as bias,
    compared.selection / metrics.divisor as selection,
    compared.within_strata / metrics.divisor as within_strata,
    compared.treated_differ / metrics.divisor as treated_differ

from compared
inner join metrics
    on
        compared.experiment_id = metrics.experiment_id
        and compared.metric = metrics.metric
