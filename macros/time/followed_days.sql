{# Days from a date or timestamp to the last day that a world's tables cover, as BIGINT. #}
{% macro followed_days(world, since) -%}
    {{ days_between(since, timestamp_literal(last_delivered_date(world))) }}
{%- endmacro %}
