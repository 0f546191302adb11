{# Milliseconds from an event, of this key, to the one that follows by a row of `transitions`: at most six hours. #}
{% macro walk_gap_ms(event_key, transitions) -%}
    cast(floor(least(
        exp({{ normal(event_key, 'custom.walk.gap', transitions ~ '.log_median_ms', transitions ~ '.log_spread') }}),
        21600000
    )) as integer)
{%- endmacro %}
