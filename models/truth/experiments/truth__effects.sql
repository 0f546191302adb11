-- one row per experiment, treatment, metric, estimand and scope: the true effect
with

scope_outcomes as (

    select * from {{ ref('truth__scope_outcomes') }}

),

overlap_outcomes as (

    select * from {{ ref('truth__overlap_outcomes') }}

),

quantile_outcomes as (

    select * from {{ ref('truth__quantile_outcomes') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

divided as (

    select
        experiment_id,
        treatment,
        metric,
        estimand,
        scope,
        n_units,
        {%- for arm in [0, 1] %}
            {{ ratio(
                'y' ~ arm ~ '_numerator_sum',
                "case when kind = 'ratio' then y" ~ arm
                ~ "_denominator_sum else n_units end"
            ) }} as y{{ arm }}_mean,
        {%- endfor %}
        -- one division of a whole number where the arms are divided by the same
        case
            when kind != 'ratio'
                then {{ ratio('y1_numerator_sum - y0_numerator_sum', 'n_units') }}
        end as mean_difference

    from scope_outcomes

    union all

    select
        experiment_id,
        treatment,
        metric,
        'ato' as estimand,
        'all' as scope,
        n_units,
        y0_mean,
        y1_mean,
        mean_difference

    from overlap_outcomes

),

described as (

    select
        divided.experiment_id,
        divided.treatment,
        divided.metric,
        divided.estimand,
        divided.scope,
        divided.n_units,
        divided.y0_mean / metrics.divisor as control_mean,
        divided.y1_mean / metrics.divisor as treatment_mean,
        coalesce(divided.mean_difference, divided.y1_mean - divided.y0_mean)
        / metrics.divisor as true_effect

    from divided
    inner join metrics
        on
            divided.experiment_id = metrics.experiment_id
            and divided.metric = metrics.metric

    union all

    select
        experiment_id,
        treatment,
        metric,
        concat('quantile:', quantile) as estimand,
        'all' as scope,
        n_units,
        control_quantile as control_mean,
        treatment_quantile as treatment_mean,
        treatment_quantile - control_quantile as true_effect

    from quantile_outcomes

)

select * from described
