-- one row per split and class
create or replace temp table figure as
select
    split,
    case when is_treated then 'treated' else 'control' end as kind,
    cast(is_treated as integer) as rank,
    count(*) as amount,
    cast(count(*) as double) / sum(count(*)) over (partition by split) as share
from marts.feed__uplift_training_set
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
    cast(sum(train_amount) as double) / sum(amount) as train_share,
    cast(sum(amount) filter (rank = 1) as double) / sum(amount) as positive_share,
    coalesce(cast(sum(train_amount) filter (rank = 1) as double) / sum(train_amount), 0)
        as positive_train_share
from classes
