-- one row per experiment, unit with one variant, fact and day since exposure (negative
-- before it) on which a metric or the horizon looks at the fact
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

unit_facts as (

    {{ union_of_worlds('int', 'unit_facts') }}

),

spans as (

    select
        experiment_id,
        numerator_fact as fact,
        -covariate_days as first_day,
        window_end_day as last_day

    from metrics

    union all

    select
        experiment_id,
        denominator_fact as fact,
        -covariate_days as first_day,
        window_end_day as last_day

    from metrics

    where denominator_fact is not null

    union all

    select
        experiment_id,
        'active' as fact,
        0 as first_day,
        horizon_days - 1 as last_day

    from experiments

),

spans_aggregated_to_fact as (

    select
        experiments.experiment_id,
        experiments.source,
        spans.fact,
        min(spans.first_day) as first_day,
        max(spans.last_day) as last_day

    from spans
    inner join experiments on spans.experiment_id = experiments.experiment_id

    group by experiments.experiment_id, experiments.source, spans.fact

),

dated as (

    select
        exposures.experiment_id,
        unit_facts.fact,
        exposures.unit_hash,
        {{ days_between('exposures.exposure_date', 'unit_facts.activity_date') }}
            as days_since_exposure,
        unit_facts.value,
        exposures.followed_days,
        wanted.first_day,
        wanted.last_day

    from exposures
    inner join spans_aggregated_to_fact as wanted
        on exposures.experiment_id = wanted.experiment_id
    inner join unit_facts
        on
            wanted.source = unit_facts.source
            and wanted.fact = unit_facts.fact
            and exposures.unit_id = unit_facts.unit_id

)

select
    experiment_id,
    fact,
    unit_hash,
    days_since_exposure,
    value,
    followed_days

from dated

where days_since_exposure between first_day and last_day
