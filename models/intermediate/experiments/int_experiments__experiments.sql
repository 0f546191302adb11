{{ config(materialized='view') }}

-- one row per experiment
with

experiments as (

    {{ declared_rows('experiments') }}

),

planned as (

    select
        experiment_id,
        source,
        control,
        design,
        estimator,
        horizon_days,
        silence_days,
        case source
            when 'yours' then planned_units
            {%- for world in experiment_worlds() %}
                when '{{ world }}' then cast({{ planned_units(world) }} as bigint)
            {%- endfor %}
        end as planned_units

    from experiments

)

select * from planned
