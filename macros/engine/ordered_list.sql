{# Aggregate: a list of the values of a group in the order of a column that is unique in it. #}
{% macro ordered_list(value, order_by) -%}
    {{ return(adapter.dispatch('ordered_list', 'diorama')(value, order_by)) }}
{%- endmacro %}

{% macro duckdb__ordered_list(value, order_by) -%}
    list({{ value }} order by {{ order_by }})
{%- endmacro %}

{# Sail names the collected list after its fields, so that two of one select need other names. #}
{% macro spark__ordered_list(value, order_by) -%}
{%- set suffix = local_md5(value ~ order_by)[:8] -%}
    transform(
        sort_array(collect_list(
            struct({{ order_by }} as position_{{ suffix }}, {{ value }} as value_{{ suffix }})
        )),
        item -> item.value_{{ suffix }}
    )
{%- endmacro %}
