-- one row per labelled date: the share of users with label 1 (no activity ahead)
create or replace temp table figure as
with

splits as (

    select
        as_of_date,
        string_agg(distinct split, ' and ' order by split) as split

    from marts.learning__training_set

    group by as_of_date

)

select
    labels.as_of_date,
    coalesce(any_value(splits.split), 'embargo') as split,
    count(*) as amount,
    cast(sum(labels.churn_label) as double) / nullif(count(*), 0) as share
from marts.learning__churn_labels as labels
left join splits on labels.as_of_date = splits.as_of_date
group by labels.as_of_date
order by labels.as_of_date;

-- one row: what the sentence says
select
    count(*) as dates,
    min(share) as lowest,
    max(share) as highest,
    arg_max(as_of_date, share order by as_of_date) as highest_on,
    min(as_of_date) filter (share > 0) as first_churn
from figure
