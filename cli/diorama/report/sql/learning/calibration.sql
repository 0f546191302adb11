-- one row per bin of the true probability: what it says, and how often the label is 1
create or replace temp table figure as
with

examples as (

    select
        training.user_id as key_a,
        training.as_of_date as key_b,
        truth.churn_label_probability as probability,
        training.churn_label as label

    from marts.learning__training_set as training
    inner join truth.truth_learning__churn_labels as truth
        on
            training.user_id = truth.user_id
            and training.as_of_date = truth.as_of_date

),

binned as (

    select
        ntile(20) over (order by probability, key_a, key_b) as bin,
        cast(probability as decimal(18, 9)) as probability,
        label

    from examples

)

select
    bin,
    count(*) as amount,
    cast(sum(probability) as double) / nullif(count(*), 0) as predicted,
    cast(sum(label) as double) / nullif(count(*), 0) as observed
from binned
group by bin
order by bin;

-- one row: what the sentence says
select
    cast(sum(amount) as bigint) as rows,
    max(predicted) as highest,
    arg_max(observed, bin) as highest_observed
from figure
