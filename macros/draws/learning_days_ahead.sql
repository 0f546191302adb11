{# How many days before a churn in the learning world a signal comes: uniform integer, both ends included. #}
{% macro learning_days_ahead(draw, lowest, highest) -%}
    cast({{ lowest }} + floor({{ draw }} * ({{ highest }} - {{ lowest }} + 1)) as bigint)
{%- endmacro %}
