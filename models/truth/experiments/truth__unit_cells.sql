{{ config(tags=['monte_carlo']) }}

-- one row per experiment, treatment, unit of that treatment or of control, metric and
-- arm: its outcome, as sums
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

-- units that any assignment may show: a lost one of the treatment is there in control
redrawn as (

    select
        *,
        max(case when is_treated then assignment_probability end) over stratum
            as treated_probability,
        max(case when not is_treated then assignment_probability end) over stratum
            as control_probability

    from unit_effects

    where is_analysed or (is_treated and is_lost_if_treated)

    window stratum as (partition by experiment_id, treatment, metric, stratum)

),

both_arms as (

    {% for arm, lost in [(0, 'is_lost_under_null'), (1, 'is_lost_if_treated')] -%}
        select
            experiment_id,
            treatment,
            unit_id,
            metric,
            stratum,
            unit_hash,
            treated_probability / (treated_probability + control_probability)
                as assignment_probability,
            y{{ arm }}_numerator as numerator,
            y{{ arm }}_denominator as denominator,
            {{ 'true' if arm else 'false' }} as is_treated,
            {{ lost }} as is_lost

        from redrawn
        {{ 'union all' if not loop.last }}

    {% endfor -%}
),

analysed as (

    select
        both_arms.*,
        unit_metrics.covariate

    from both_arms
    left join unit_metrics
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
        analysed.is_treated,
        analysed.is_lost

    from analysed
    cross join run

)

select * from keyed
