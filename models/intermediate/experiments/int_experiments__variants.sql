{{ config(materialized='view') }}

-- one row per experiment and variant
with

variants as (

    select * from {{ ref('variants') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

described as (

    select
        variants.experiment_id,
        variants.variant,
        variants.planned_share,
        variants.variant = experiments.control as is_control

    from variants
    inner join experiments on variants.experiment_id = experiments.experiment_id

)

select * from described
