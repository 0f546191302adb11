{# Query that counts the rows of one checked file by user and date that another lacks, or has otherwise. #}
{% macro count_mismatches(table, other, columns) -%}
    select count(*)
    from checked_{{ table }} as rows_checked
    left join checked_{{ other }} as rows_held_against
        on rows_checked.user_id = rows_held_against.user_id
        and rows_checked.as_of_date = rows_held_against.as_of_date
    where rows_held_against.user_id is null
    {%- for column in columns %}
    or coalesce(rows_checked.{{ column }}, '') != coalesce(rows_held_against.{{ column }}, '')
    {%- endfor %}
{%- endmacro %}
