{#
  The number, from 1, of the interval in which x lies: the intervals lie side by side from 0, and the
  columns `ends` are their upper ends (exclusive). With weights cumulated to ends and x uniform
  below the last one, this is a categorical draw.
#}
{% macro interval_number(x, ends) -%}
    (
        1
        {%- for end in ends[:-1] %}
        + case when {{ x }} >= {{ end }} then 1 else 0 end
        {%- endfor %}
    )
{%- endmacro %}
