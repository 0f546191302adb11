{# The defective rows of a raw exposure log: an edit in place of a category, or an extra row by a sound one. #}
{% macro exposure_defects(raw_table, generated) -%}
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

    from {{ generated }} as exposures
    inner join {{ ref('gen__defect_kinds') }} as kinds
        on
            kinds.raw_table = '{{ raw_table }}'
            and exposures.defect_draw >= kinds.draw_from
            and exposures.defect_draw < kinds.draw_below
{%- endmacro %}
