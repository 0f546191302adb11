{#
  Milliseconds between an event and its delivery: with probability late_rate uniform up to
  late_max_days, else uniform from 50 milliseconds to 2 seconds. One draw decides on both: below
  late_rate, and above it, it is uniform again.
#}
{% macro delivery_delay_ms(key, stream) -%}
    {%- set late_rate = setting('late_rate') -%}
    {%- set late_ms = setting('late_max_days') * 86400000 -%}
    {%- set late_scale = late_ms / late_rate if late_rate > 0 else 0 -%}
    {%- set prompt_scale = 1950 / (1 - late_rate) if late_rate < 1 else 0 -%}
    {%- set draw = uniform(key, stream) -%}
    cast(floor(case
        when {{ draw }} < {{ late_rate }} then {{ draw }} * cast({{ late_scale }} as double)
        else 50 + ({{ draw }} - {{ late_rate }}) * cast({{ prompt_scale }} as double)
    end) as bigint)
{%- endmacro %}
