{# Fails on every event whose score, amount or watch minutes its type cannot have. #}
{% test learning_event_values(model) %}

select *

from {{ model }}

where
    quiz_score not between 0 and 100
    or amount <= 0
    or (event_type in ('payment_success', 'payment_failed') and amount is null)
    or (event_type != 'video_watch' and watch_minutes > 0)

{% endtest %}

{# Fails with one row where more than 2 % of the events that are no payments carry an amount. #}
{% test learning_amounts_are_of_payments(model) %}

select
    count(amount) as amount_count,
    count(*) as event_count

from {{ model }}

where event_type not in ('payment_success', 'payment_failed')

having count(amount) > 0.02 * count(*)

{% endtest %}
