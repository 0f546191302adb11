{#
  Hundredths of a minute that a user of the learning world watches, from a standard normal and a
  uniform draw: an integer where the transcendental draw becomes a value, because its last bit may
  differ between engines.
#}
{% macro learning_watch_hundredths(engagement_ppb, noise, spread, profile) -%}
    cast(floor(0.5 + 100 * {{ clip(
        profile ~ '.minutes_base + ' ~ profile ~ '.minutes_slope * ' ~ engagement_ppb
        ~ ' / cast(1000000000 as double) + ' ~ profile ~ '.minutes_sd * ' ~ noise
        ~ ' + ' ~ profile ~ '.minutes_spread * ' ~ spread,
        profile ~ '.minutes_min', profile ~ '.minutes_max'
    ) }}) as bigint)
{%- endmacro %}
