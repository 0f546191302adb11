-- one row per experiment, unit and logged exposure
with

validated as (

    select * from {{ ref('stg_search__exposures_validated') }}

),

accepted as (

    select
        experiment_id,
        unit_id,
        variant,
        assignment_probability,
        assigned_at,
        exposed_at,
        received_at

    from validated

    where reject_reason is null

)

select * from accepted
