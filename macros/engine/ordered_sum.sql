{#
  Aggregate: the sum of a DOUBLE in the order of a column that is unique in the group, so that its last
  digits do not depend on the order in which threads find the rows. Nulls are left out.
#}
{% macro ordered_sum(value, order_by) -%}
    {{ return(adapter.dispatch('ordered_sum', 'diorama')(value, order_by)) }}
{%- endmacro %}

{% macro duckdb__ordered_sum(value, order_by) -%}
    list_sum(list({{ value }} order by {{ order_by }}))
{%- endmacro %}

{# Sail names the collected list after its fields, so that two of one select need other names. #}
{% macro spark__ordered_sum(value, order_by) -%}
{%- set suffix = local_md5(value ~ order_by)[:8] -%}
    aggregate(
        transform(
            sort_array(collect_list(
                struct({{ order_by }} as position_{{ suffix }}, {{ value }} as value_{{ suffix }})
            )),
            item -> item.value_{{ suffix }}
        ),
        cast(null as double),
        (total, item) -> coalesce(total + item, item, total)
    )
{%- endmacro %}
