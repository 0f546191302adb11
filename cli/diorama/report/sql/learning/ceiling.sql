-- one row per example and score: rank 0 is the truth
create or replace temp view scored as
select
    split,
    1 as rank,
    'days since the last activity' as score,
    cast(days_since_last_activity as double) as value,
    churn_label as label
from marts.learning__training_set

union all

select
    examples.split,
    0 as rank,
    'the truth' as score,
    truth.churn_label_probability as value,
    examples.churn_label as label
from marts.learning__training_set as examples
inner join truth.truth_learning__churn_labels as truth
    on
        examples.user_id = truth.user_id
        and examples.as_of_date = truth.as_of_date;
