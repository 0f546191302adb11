{# Fails on every row whose value is null or outside low … high, both inclusive. #}
{% test in_range(model, column_name, low, high) %}

select {{ column_name }}

from {{ model }}

where {{ column_name }} is null or {{ column_name }} < {{ low }} or {{ column_name }} > {{ high }}

{% endtest %}
