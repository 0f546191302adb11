{#
  Milliseconds between an event and its delivery: with probability late_rate uniform up to
  late_max_days, else uniform from 50 milliseconds to 2 seconds.
#}
{% macro delivery_delay_ms(key, stream) -%}
    case
        when {{ uniform(key, stream, 0) }} < {{ setting('late_rate') }}
            then {{ integers(key, stream, 0, setting('late_max_days') * 86400000, counter=1) }}
        else {{ integers(key, stream, 50, 2000, counter=1) }}
    end
{%- endmacro %}
