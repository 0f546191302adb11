-- one row per experiment, treatment and metric (mean or proportion): the outcomes of
-- the analysed units, weighted by how far the arms overlap in their stratum
with

strata as (

    select * from {{ ref('truth__stratum_outcomes') }}

    where is_analysed and kind != 'ratio'

),

aggregated_to_stratum as (

    select
        experiment_id,
        treatment,
        metric,
        stratum,
        cast(sum(n_units) as double) as n_units,
        cast(sum(case when is_treated then n_units else 0 end) as double)
            as treated_units,
        cast(sum(y0_numerator_sum) as double) as y0_sum,
        cast(sum(y1_numerator_sum) as double) as y1_sum,
        cast(sum(y1_numerator_sum - y0_numerator_sum) as double) as difference_sum

    from strata

    group by experiment_id, treatment, metric, stratum

),

-- n1 n0 / n, as a regression with a dummy variable per stratum weights it
weighted as (

    select
        *,
        treated_units * (n_units - treated_units) / n_units as weight

    from aggregated_to_stratum

),

-- ordered_sum() keeps the last digits from depending on threads
aggregated_to_metric as (

    select
        experiment_id,
        treatment,
        metric,
        cast(sum(n_units) as bigint) as n_units,
        {{ ordered_sum('weight', 'stratum') }} as weight_sum,
        {{ ordered_sum('weight * y0_sum / n_units', 'stratum') }} as y0_sum,
        {{ ordered_sum('weight * y1_sum / n_units', 'stratum') }} as y1_sum,
        {{ ordered_sum('weight * difference_sum / n_units', 'stratum') }}
            as difference_sum

    from weighted

    group by experiment_id, treatment, metric

),

described as (

    select
        experiment_id,
        treatment,
        metric,
        n_units,
        y0_sum / nullif(weight_sum, 0) as y0_mean,
        y1_sum / nullif(weight_sum, 0) as y1_mean,
        difference_sum / nullif(weight_sum, 0) as mean_difference

    from aggregated_to_metric

)

select * from described
