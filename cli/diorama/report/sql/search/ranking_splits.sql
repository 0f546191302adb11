-- one row per example, with its class
create or replace temp view examples as
select
    split,
    case when is_clicked then 'clicked' else 'not clicked' end as kind,
    cast(is_clicked as integer) as rank
from marts.search__ranking_examples;
