{#
  Relation: one row per experiment and unit of an exposure log, with the variant that the unit met
  first, and whether it was logged in several.
#}
{% macro exposed_units(log) -%}
    with

    exposures_numbered as (

        select
            *,
            row_number() over (
                partition by experiment_id, unit_id order by exposed_at, variant
            ) as exposure_number

        from {{ log }}

    )

    select
        experiment_id,
        unit_id,
        max(case when exposure_number = 1 then variant end) as variant,
        max(case when exposure_number = 1 then assignment_probability end)
            as assignment_probability,
        count(*) as exposure_count,
        count(distinct variant) > 1 as is_multi_variant,
        min(assigned_at) as assigned_at,
        min(exposed_at) as first_exposed_at

    from exposures_numbered

    group by experiment_id, unit_id
{%- endmacro %}
