-- one row per example, with its class
create or replace temp view examples as
select
    split,
    case when is_treated then 'treated' else 'control' end as kind,
    cast(is_treated as integer) as rank
from marts.feed__uplift_training_set;
