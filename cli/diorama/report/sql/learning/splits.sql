-- one row per example, with its class
create or replace temp view examples as
select
    split,
    case churn_label
        when 1 then 'no activity ahead (1)'
        else 'active again (0)'
    end as kind,
    churn_label as rank
from marts.learning__training_set;
