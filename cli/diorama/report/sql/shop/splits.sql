-- one row per example, with its class
create or replace temp view examples as
select
    split,
    case label
        when 1 then 'bought in the next three sessions (1)'
        else 'not bought (0)'
    end as kind,
    label as rank
from marts.shop__training_set;
