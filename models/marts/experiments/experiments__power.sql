-- one row per experiment, treatment and metric
with

results as (

    select * from {{ ref('experiments__results') }}

    where is_decisive

),

-- a two-sided test at 5 % finds this many standard errors in 80 % of experiments
quantiles as (

    select
        cast(0.975 as double) as confidence_level,
        cast(0.8 as double) as power_level

),

multiples as (

    select
        {{ norm_ppf('confidence_level') }} as confidence_quantile,
        {{ norm_ppf('power_level') }} as power_quantile

    from quantiles

),

-- at the end of an experiment of as many units
ended as (

    select
        *,
        control_units + treatment_units as n_units,
        control_units + treatment_units as planned_units

    from results

),

sequenced as (

    {{ confidence_sequence('ended', 0.05) }}

),

sized as (

    select
        sequenced.*,
        (multiples.confidence_quantile + multiples.power_quantile)
        * sequenced.std_error as minimum_detectable_effect,
        sequenced.sequence_margin + multiples.power_quantile * sequenced.std_error
            as sequential_minimum_detectable_effect

    from sequenced
    cross join multiples

)

select
    experiment_id,
    treatment,
    metric,
    estimator,
    role,
    unit,
    n_units,
    control_mean,
    std_error,
    variance_reduction,
    minimum_detectable_effect,
    minimum_detectable_effect / nullif(abs(control_mean), 0)
        as relative_minimum_detectable_effect,
    -- the squared standard error falls as units come
    {%- for percent in [1, 5, 10] %}
        cast(ceil(
            n_units * power(
                minimum_detectable_effect
                / nullif({{ percent }}e-2 * control_mean, 0), 2
            )
        ) as double) as units_for_{{ percent }}_percent,
    {%- endfor %}
    sequential_minimum_detectable_effect

from sized
