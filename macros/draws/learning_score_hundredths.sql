{# Hundredths of a point of a quiz in the learning world, from a standard normal draw; 0 to 10000. #}
{% macro learning_score_hundredths(engagement_ppb, noise, profile) -%}
    cast(floor(0.5 + 100 * {{ clip(
        profile ~ '.score_base + ' ~ profile ~ '.score_slope * ' ~ engagement_ppb
        ~ ' / cast(1000000000 as double) + ' ~ profile ~ '.score_sd * ' ~ noise,
        0, 100
    ) }}) as bigint)
{%- endmacro %}
