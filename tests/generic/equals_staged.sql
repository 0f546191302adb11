{#
  Fails on every group of generated rows that, where they were delivered, are not the staged ones.
  Compared by count and sum of row hashes: a join of four million rows takes twice as long.

  columns: what is compared, named alike in both
  derived: further expressions on the staged rows, each with the one on the generated rows
  group_by: column without a null that names the groups
  parent, parent_key, foreign_key: staging accepts a row once its parent is staged
#}
{% test equals_staged(
    model, staged, world, columns, group_by,
    derived={}, parent=none, parent_key=none, foreign_key=none
) %}

with

delivered as (

    select * from {{ model }}

    where {{ delivered(world) }}

),

accepted as (

    select delivered.* from delivered
    {%- if parent %}
    inner join {{ parent }} as parents on delivered.{{ foreign_key }} = parents.{{ parent_key }}
    {%- endif %}

),

expected as (

    select
        {{ group_by }},
        count(*) as row_count,
        sum({{ row_hash(columns + derived.values() | list) }}) as content

    from accepted

    group by {{ group_by }}

),

staged as (

    select
        {{ group_by }},
        count(*) as row_count,
        sum({{ row_hash(columns + derived.keys() | list) }}) as content

    from {{ staged }}

    group by {{ group_by }}

),

compared as (

    select
        coalesce(expected.{{ group_by }}, staged.{{ group_by }}) as {{ group_by }},
        coalesce(expected.row_count, 0) as generated_row_count,
        coalesce(staged.row_count, 0) as staged_row_count,
        coalesce(expected.content = staged.content, false) as is_equal

    from expected
    full join staged on expected.{{ group_by }} = staged.{{ group_by }}

)

select * from compared

where not is_equal or generated_row_count != staged_row_count

{% endtest %}
