{#
  Of rows numbered from 0 below one parent, the number of the first that gets a defect, drawn once
  for the parent; defect_draw() goes on from it. Where it lies behind the parent's last row, all of
  the parent's rows are sound, and none need be drawn to know it.
#}
{% macro first_defect(key, stream) -%}
    {%- if setting('defect_rate') == 0 -%}
        cast(9223372036854775807 as bigint)
    {%- else -%}
        ({{ geometric(key, stream, setting('defect_rate')) }} - 1)
    {%- endif -%}
{%- endmacro %}
