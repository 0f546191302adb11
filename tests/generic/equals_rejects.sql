{#
  Fails on every kind of defect that not as many rows of the raw table are rejected for as extra ones
  were delivered, and, under orphan_reason, as rows came ahead of their parent.

  generated, parent, parent_key, foreign_key: the rows that staging accepts once their parent is
  staged
  kinds_seen_with_parent: kinds of defect that only the parent shows; without it the row is an orphan
#}
{% test equals_rejects(
    model, rejects, raw_table, world,
    generated=none, parent=none, parent_key=none, foreign_key=none,
    orphan_reason=none, kinds_seen_with_parent=[]
) %}

with

defects as (

    select * from {{ model }}

    where is_extra_row and {{ delivered(world) }}

),

expected_rejects as (

    {% if kinds_seen_with_parent -%}
    select
        case
            when
                defects.kind in ('{{ kinds_seen_with_parent | join("', '") }}')
                and parents.{{ parent_key }} is null
                then '{{ orphan_reason }}'
            else defects.kind
        end as reject_reason

    from defects
    left join {{ parent }} as parents on defects.{{ foreign_key }} = parents.{{ parent_key }}
    {%- else -%}
    select kind as reject_reason from defects
    {%- endif %}
    {%- if parent %}

    union all

    select '{{ orphan_reason }}' as reject_reason

    from {{ generated }} as generated
    left join {{ parent }} as parents on generated.{{ foreign_key }} = parents.{{ parent_key }}

    where {{ delivered(world, 'generated.received_at') }} and parents.{{ parent_key }} is null
    {%- endif %}

),

expected as (

    select
        reject_reason,
        count(*) as reject_count

    from expected_rejects

    group by reject_reason

),

rejects as (

    select * from {{ rejects }}

    where raw_table = '{{ raw_table }}'

),

compared as (

    select
        coalesce(expected.reject_reason, rejects.reject_reason) as reject_reason,
        coalesce(expected.reject_count, 0) as defect_count,
        coalesce(rejects.reject_count, 0) as reject_count

    from expected
    full join rejects on expected.reject_reason = rejects.reject_reason

)

select * from compared

where defect_count != reject_count

{% endtest %}
