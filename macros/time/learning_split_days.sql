{#
  The days, from 0, of each split of the learning world as [first, last]: the labelled days, less a
  label window (the embargo) between splits, so that no label of one split looks into the next. The
  last fifth of what remains is for testing, the fifth before it for validation.
#}
{% macro learning_split_days() -%}
{%- set window = setting('learning_churn_window_days') -%}
{%- set usable = setting('learning_days') - 3 * window -%}
{%- set held_out = [usable // 5, 1] | max -%}
{%- set trained = usable - 2 * held_out -%}
{%- set validated_from = trained + window -%}
{%- set tested_from = validated_from + held_out + window -%}
{{ return({
    'train': [0, trained - 1],
    'validation': [validated_from, validated_from + held_out - 1],
    'test': [tested_from, tested_from + held_out - 1],
}) }}
{%- endmacro %}
