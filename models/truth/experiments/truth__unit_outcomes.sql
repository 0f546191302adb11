{{ config(materialized='view') }}

-- one row per experiment, exposed unit and metric: what it comes to in either arm,
-- cut down where the analysis cuts it
with

outcomes as (

    {{ union_of_worlds('truth', 'unit_outcomes') }}

),

caps as (

    select * from {{ ref('int_experiments__winsor_caps') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

described as (

    select
        outcomes.experiment_id,
        outcomes.unit_id,
        outcomes.metric,
        metrics.kind,
        outcomes.variant,
        outcomes.stratum,
        {%- for arm in [0, 1] %}
            least(
                outcomes.y{{ arm }}_numerator,
                coalesce(caps.numerator_cap, outcomes.y{{ arm }}_numerator)
            ) as y{{ arm }}_numerator,
            outcomes.y{{ arm }}_denominator,
        {%- endfor %}
        metrics.divisor,
        outcomes.is_logged

    from outcomes
    inner join metrics
        on
            outcomes.experiment_id = metrics.experiment_id
            and outcomes.metric = metrics.metric
    left join caps
        on
            outcomes.experiment_id = caps.experiment_id
            and outcomes.metric = caps.metric

)

select * from described
