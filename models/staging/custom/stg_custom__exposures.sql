-- one row per experiment, unit and logged exposure
with

validated as (

    {{ validated_exposures(ref('raw_custom__exposures'), declared_variants()) }}

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
