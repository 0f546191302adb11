{{ config(tags=['deep']) }}

-- one row per experiment, treatment, analysed unit, metric and arm: its outcome, as sums
with

run as (

    select * from {{ ref('gen__run') }}

),

unit_metrics as (

    select * from {{ ref('int_experiments__unit_metrics') }}

),

unit_effects as (

    select * from {{ ref('truth__unit_effects') }}

),

both_arms as (

    select
        treatment,
        metric,
        unit_hash,
        y0_numerator as numerator,
        y0_denominator as denominator,
        false as is_treated

    from unit_effects

    union all

    select
        treatment,
        metric,
        unit_hash,
        y1_numerator as numerator,
        y1_denominator as denominator,
        true as is_treated

    from unit_effects

),

analysed as (

    select
        unit_metrics.experiment_id,
        both_arms.treatment,
        unit_metrics.unit_id,
        unit_metrics.metric,
        unit_metrics.stratum,
        unit_metrics.assignment_probability,
        both_arms.numerator,
        both_arms.denominator,
        unit_metrics.covariate,
        both_arms.is_treated

    from both_arms
    inner join unit_metrics
        on
            both_arms.unit_hash = unit_metrics.unit_hash
            and both_arms.metric = unit_metrics.metric

),

keyed as (

    select
        analysed.experiment_id,
        analysed.treatment,
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
            order by
                analysed.experiment_id, analysed.treatment, analysed.metric,
                analysed.stratum
        ) as cell_number,
        analysed.is_treated

    from analysed
    cross join run

)

select * from keyed
