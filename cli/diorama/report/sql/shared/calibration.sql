-- one row per bin of the true probability: what it says, and how often the label is 1
create or replace temp table figure as
with

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
