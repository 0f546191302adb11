{#
  Expected visits of a user of the learning world from one day (exclusive) to another, as an
  expression over rows of gen_learning__visit_weights at both: rate_0 on weekdays and rate_1 on
  weekends before the experiment; from then on `rates`, a pair of columns. `later` is the pair of
  rows for the days from the experiment on, where it differs.
#}
{% macro learning_visits(since, until, rates, later=none) -%}
{%- set later_since, later_until = later or (since, until) -%}
    (
        ({{ until }}.visits_0 - {{ since }}.visits_0) * rate_0
        + ({{ until }}.visits_1 - {{ since }}.visits_1) * rate_1
        + ({{ later_until }}.visits_2 - {{ later_since }}.visits_2) * {{ rates[0] }}
        + ({{ later_until }}.visits_3 - {{ later_since }}.visits_3) * {{ rates[1] }}
    ) / (decline_days + 1)
{%- endmacro %}
