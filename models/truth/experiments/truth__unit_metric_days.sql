-- one row per experiment, exposed unit, metric through whose window the unit was
-- followed, variant, and day on which there is anything of it under that variant
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

aggregated_to_day as (

    {{ metric_days('after_exposure', 'metrics', ['unit_hash', 'variant']) }}

)

select * from aggregated_to_day
