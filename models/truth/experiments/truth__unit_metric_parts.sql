-- one row per experiment, exposed unit, metric through whose window the unit was
-- followed, variant, day, and fact of that day under that variant which is part of it
with

exposures as (

    {{ union_of_worlds('truth', 'exposures') }}

),

-- before they are joined: a hash of text for each fact would take half of the time
keyed as (

    select
        *,
        {{ text_key("concat(experiment_id, '/', unit_id)") }} as unit_hash

    from exposures

),

unit_facts as (

    {{ union_of_worlds('truth', 'unit_facts') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

dated as (

    select
        keyed.experiment_id,
        unit_facts.variant,
        unit_facts.fact,
        keyed.unit_hash,
        {{ days_between('keyed.first_exposed_at', 'unit_facts.activity_date') }}
            as days_since_exposure,
        unit_facts.value,
        keyed.followed_days

    from keyed
    inner join unit_facts
        on
            keyed.source = unit_facts.source
            and keyed.unit_id = unit_facts.unit_id

),

after_exposure as (

    select * from dated

    where days_since_exposure >= 0

),

parts as (

    {{ metric_parts('after_exposure', 'metrics', ['unit_hash', 'variant']) }}

)

select
    experiment_id,
    metric,
    unit_hash,
    variant,
    days_since_exposure,
    numerator,
    denominator

from parts
