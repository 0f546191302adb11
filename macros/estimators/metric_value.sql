{#
  Expression: what a unit has of a metric in a window, from the sum of numerators over its days (of a
  proportion, the days with the fact; null where there are none): of a proportion 0 or 1.
#}
{% macro metric_value(day_sum, metrics) -%}
case
            when {{ metrics }}.is_complement then 1 - least(coalesce({{ day_sum }}, 0), 1)
            when {{ metrics }}.kind = 'proportion' then least(coalesce({{ day_sum }}, 0), 1)
            else coalesce({{ day_sum }}, 0)
        end
{%- endmacro %}
