-- one row per split and class
create or replace temp table figure as
select
    split,
    kind,
    rank,
    count(*) as amount,
    cast(count(*) as double)
    / nullif(sum(count(*)) over (partition by split), 0) as share
from examples
group by split, kind, rank
order by list_position(['train', 'validation', 'test'], split), rank;

-- one row: what the sentence says
with

classes as (

    select
        rank,
        sum(amount) as amount,
        sum(amount) filter (split = 'train') as train_amount

    from figure

    group by rank

)

select
    cast(sum(amount) as bigint) as rows,
    cast(coalesce(sum(train_amount), 0) as double)
    / nullif(sum(amount), 0) as train_share,
    cast(coalesce(sum(amount) filter (rank = 1), 0) as double)
    / nullif(sum(amount), 0) as positive_share,
    cast(coalesce(sum(train_amount) filter (rank = 1), 0) as double)
    / nullif(sum(train_amount), 0) as positive_train_share
from classes
