-- one row per example, with its true probability and its label
create or replace temp view examples as
select
    training.user_id as key_a,
    training.as_of_date as key_b,
    truth.churn_label_probability as probability,
    training.churn_label as label
from marts.learning__training_set as training
inner join truth.truth_learning__churn_labels as truth
    on
        training.user_id = truth.user_id
        and training.as_of_date = truth.as_of_date;
