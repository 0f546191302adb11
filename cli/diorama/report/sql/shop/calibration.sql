-- one row per example, with its true probability and its label
create or replace temp view examples as
select
    training.session_id as key_a,
    training.item_id as key_b,
    truth.true_probability as probability,
    training.label
from marts.shop__training_set as training
inner join truth.truth_shop__training_probabilities as truth
    on
        training.session_id = truth.session_id
        and training.item_id = truth.item_id;
