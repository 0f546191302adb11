{# Fails on every group whose shares do not add up to 1 (to 1e-9, the resolution of a draw). #}
{% test adds_up_to_one(model, column_name, group_by) %}

select
    {{ group_by }},
    sum({{ column_name }}) as share_sum

from {{ model }}

group by {{ group_by }}

having abs(sum({{ column_name }}) - 1) > 0.000000001

{% endtest %}
