{#
  Predicate of an incremental model: the row was delivered by the world's as_of and, where the
  relation already holds rows of the same world, after the as_of of its last build.
#}
{% macro newly_delivered(world, column='received_at') -%}
    {{ delivered(world, column) }}
    {%- if is_incremental() %}
    and {{ column }} >= timestamp '{{ recorded_build(this)['delivered_until'] }} 00:00:00'
    {%- endif -%}
{%- endmacro %}
