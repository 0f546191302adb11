{{ config(materialized='view') }}

-- one row per experiment and variant
with

variants as (

    {{ declared_rows('variants') }}

),

experiments as (

    select * from {{ ref('int_experiments__experiments') }}

),

described as (

    select
        variants.experiment_id,
        variants.variant,
        variants.planned_share,
        experiments.planned_units,
        variants.variant = experiments.control as is_control,
        count(*) over (partition by variants.experiment_id) as variant_count,
        max(
            case
                when variants.variant = experiments.control then variants.planned_share
            end
        ) over (partition by variants.experiment_id) as control_share

    from variants
    inner join experiments on variants.experiment_id = experiments.experiment_id

)

select
    experiment_id,
    variant,
    planned_share,
    case
        when is_control then null
        when variant_count = 2 then planned_units
        else
            cast(floor(planned_units * (planned_share + control_share) + 0.5) as bigint)
    end as compared_units,
    is_control

from described
