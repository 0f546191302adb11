{#
  The days of the shop world from 0, [train, validation]: before the first, sessions are for training,
  before the second for validation, from then on for testing.
#}
{% macro shop_split_days() -%}
{%- set days = setting('shop_days') -%}
{%- set train, validation = setting('shop_train_days'), setting('shop_validation_days') -%}
{%- set first = [days * 45 // 90, 1] | max -%}
{{ return([
    first if train is none else train,
    [days * 61 // 90, first + 1] | max if validation is none else validation,
]) }}
{%- endmacro %}
