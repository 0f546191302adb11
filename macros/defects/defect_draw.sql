{#
  The draw, 0–1, that decides on the defect of row `number` of a parent, given the parent's
  first_defect(): whether it lies below any bound up to defect_rate is independent from row to row,
  with the bound as its probability.
#}
{% macro defect_draw(key, stream, number, first_defect) -%}
    case
        when {{ number }} = {{ first_defect }}
            then {{ setting('defect_rate') }} * {{ uniform(key, stream) }}
        when {{ number }} > {{ first_defect }} then {{ uniform(key, stream) }}
        else 1
    end
{%- endmacro %}
