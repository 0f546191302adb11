{#
  The probability that a user has not left, of whom a share is to be active on a day: its root, or as much
  as the strongest weekday needs.
#}
{% macro stay_probability(share) -%}
{%- set factors = [1] -%}
{%- for row in declaration()['weekdays'] -%}
    {%- do factors.append(row[1]) -%}
{%- endfor -%}
    least(1, greatest(sqrt({{ share }}), {{ share }} * {{ double_literal(factors | max) }}))
{%- endmacro %}
