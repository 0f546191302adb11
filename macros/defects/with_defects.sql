{#
  The raw rows of a table: generated rows, less those that a defect edits in place, and all rows of
  its defects (edited and extra). `generated` has a column defect_draw; both have the named columns.
  Of a world that is read from raw files: the rows of this one's.
#}
{% macro with_defects(raw_table, generated, defects, columns) -%}
{%- if raw_directory(world_of(model)) -%}
    {{ rows_of_raw_file() }}
{%- else -%}
    select
        {%- for column in columns %}
        generated.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ generated }} as generated
    cross join (
        select coalesce(max(draw_below), 0) as draw_below
        from {{ ref('gen__defect_kinds') }}
        where raw_table = '{{ raw_table }}' and not is_extra_row
    ) as edited_in_place
    where generated.defect_draw >= edited_in_place.draw_below

    union all

    select
        {%- for column in columns %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ defects }} as defects
{%- endif -%}
{%- endmacro %}
