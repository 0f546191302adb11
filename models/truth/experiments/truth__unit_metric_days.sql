-- one row per experiment, exposed unit, metric through whose window the unit was
-- followed, variant, and day on which there is anything of it under that variant
with

exposures as (

    {{ union_of_worlds('truth', 'exposures') }}

),

unit_facts as (

    {{ union_of_worlds('truth', 'unit_facts') }}

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

dated as (

    select
        exposures.experiment_id,
        unit_facts.variant,
        unit_facts.fact,
        {{ text_key("concat(exposures.experiment_id, '/', exposures.unit_id)") }}
            as unit_hash,
        {{ days_between('exposures.first_exposed_at', 'unit_facts.activity_date') }}
            as days_since_exposure,
        unit_facts.value,
        exposures.followed_days

    from exposures
    inner join unit_facts
        on
            exposures.source = unit_facts.source
            and exposures.unit_id = unit_facts.unit_id

),

after_exposure as (

    select * from dated

    where days_since_exposure >= 0

),

aggregated_to_day as (

    {{ metric_days('after_exposure', 'metrics', ['unit_hash', 'variant']) }}

)

select * from aggregated_to_day
