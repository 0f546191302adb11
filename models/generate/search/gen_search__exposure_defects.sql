{{ config(materialized='view') }}

-- one row per defective raw exposure: an edit in place, or an extra row by a sound one
with

exposures as (

    select * from {{ ref('gen_search__exposures') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_search__exposures'

),

defective as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        {{ dirty_category('exposures.variant', 'kinds.kind') }} as variant,
        exposures.assignment_probability,
        exposures.assigned_at,
        exposures.exposed_at,
        exposures.received_at,
        kinds.kind,
        kinds.is_extra_row

    from exposures
    inner join kinds
        on
            exposures.defect_draw >= kinds.draw_from
            and exposures.defect_draw < kinds.draw_below

)

select * from defective
