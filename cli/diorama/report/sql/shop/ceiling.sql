-- one row per example and score: rank 0 is the truth
create or replace temp view scored as
select
    split,
    1 as rank,
    'times the user put it into the cart' as score,
    cast(times_carted_this_item as double) as value,
    label
from marts.shop__training_set

union all

select
    examples.split,
    0 as rank,
    'the truth' as score,
    truth.true_probability as value,
    examples.label
from marts.shop__training_set as examples
inner join truth.truth_shop__training_probabilities as truth
    on
        examples.session_id = truth.session_id
        and examples.item_id = truth.item_id;
