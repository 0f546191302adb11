{{ config(tags=['deep']) }}

-- one row per experiment, analysed unit, metric and arm: its outcome, as sums
with

run as (

    select * from {{ ref('gen__run') }}

),

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

caps as (

    select * from {{ ref('int_experiments__winsor_caps') }}

),

outcomes as (

    {{ union_of_worlds('truth', 'unit_outcomes') }}

),

both_arms as (

    select
        experiment_id,
        unit_id,
        metric,
        y0_numerator as numerator,
        y0_denominator as denominator,
        false as is_treated

    from outcomes

    union all

    select
        experiment_id,
        unit_id,
        metric,
        y1_numerator as numerator,
        y1_denominator as denominator,
        true as is_treated

    from outcomes

),

analysed as (

    select
        both_arms.experiment_id,
        both_arms.unit_id,
        both_arms.metric,
        unit_metrics.stratum,
        unit_metrics.assignment_probability,
        least(both_arms.numerator, coalesce(caps.numerator_cap, both_arms.numerator))
            as numerator,
        both_arms.denominator,
        unit_metrics.covariate,
        both_arms.is_treated

    from both_arms
    inner join unit_metrics
        on
            both_arms.experiment_id = unit_metrics.experiment_id
            and both_arms.unit_id = unit_metrics.unit_id
            and both_arms.metric = unit_metrics.metric
    left join caps
        on
            both_arms.experiment_id = caps.experiment_id
            and both_arms.metric = caps.metric

),

keyed as (

    select
        analysed.experiment_id,
        analysed.unit_id,
        analysed.metric,
        analysed.stratum,
        {{ mix(bitwise_xor('run.root_key', text_key('analysed.unit_id'))) }}
            as unit_key,
        analysed.assignment_probability,
        {{ unit_cell(
            'analysed.numerator', 'analysed.denominator', 'analysed.covariate'
        ) }},
        -- a number, because grouping by names takes twice as long
        dense_rank() over (
            order by analysed.experiment_id, analysed.metric, analysed.stratum
        ) as cell_number,
        analysed.is_treated

    from analysed
    cross join run

)

select * from keyed
