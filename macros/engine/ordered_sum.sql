{#
  Aggregate: the sum of a DOUBLE in the order of a column that is unique in the group, so that its last
  digits do not depend on the order in which threads find the rows. Nulls are left out.
#}
{% macro ordered_sum(value, order_by) -%}
    {{ list_total(ordered_list(value, order_by)) }}
{%- endmacro %}
