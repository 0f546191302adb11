{# Fails with one row where more than 2 % of the events that are no payments carry an amount. #}
{% test learning_amounts_are_of_payments(model) %}

select
    count(amount) as amount_count,
    count(*) as event_count

from {{ model }}

where event_type not in ('payment_success', 'payment_failed')

having count(amount) > 0.02 * count(*)

{% endtest %}
