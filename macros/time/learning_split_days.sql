{#
  The days of the learning world, from 0, on which the embargo and then the test split begin. Of the
  labelled days, less a label window (the embargo, so that no label of earlier days looks into the
  test), the last fifth is for testing; users share the days before, for training and validation.
#}
{% macro learning_split_days() -%}
{%- set window = setting('learning_churn_window_days') -%}
{%- set labelled = setting('learning_days') - window -%}
{%- set tested = [(labelled - window) // 5, 1] | max -%}
{{ return({'embargo': labelled - window - tested, 'test': labelled - tested}) }}
{%- endmacro %}
