{# The delivered exposures of a raw table, each with the reason why it is rejected, if it is. #}
{% macro validated_exposures(raw, variants) -%}
    with

    typed as (

        select
            experiment_id,
            unit_id,
            {{ clean_category('variant', variants) }} as variant,
            assignment_probability,
            assigned_at,
            exposed_at,
            received_at,
            {{ raw_fault() }} as raw_fault

        from {{ raw }}

    ),

    numbered as (

        select
            *,
            row_number() over (
                partition by experiment_id, unit_id, variant, exposed_at
                order by received_at
            ) as delivery_number

        from typed

    )

    select
        experiment_id,
        unit_id,
        variant,
        case
            when raw_fault is not null then raw_fault
            when experiment_id is null or unit_id is null or exposed_at is null then 'missing_value'
            when variant is null then 'impossible_value'
            when delivery_number > 1 then 'exact_duplicate'
        end as reject_reason,
        assignment_probability,
        assigned_at,
        exposed_at,
        received_at

    from numbered
{%- endmacro %}
