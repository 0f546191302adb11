{#
  Expected visits of a user of the learning world from one day (exclusive) to another, as an
  expression over the rows of gen_learning__visit_weights at both. Days are of four kinds (weekday and
  weekend before the experiment, then from it on); `rates` maps those to count to the visits per day.
#}
{% macro learning_visits(since, until, rates) -%}
    (
        {%- for kind, rate in rates.items() %}
        ({{ until }}.visits_{{ kind }} - {{ since }}.visits_{{ kind }}) * {{ rate }}
        {{- ' +' if not loop.last }}
        {%- endfor %}
    ) / (decline_days + 1)
{%- endmacro %}
