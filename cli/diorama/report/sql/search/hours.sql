-- one row per session, with its start and its date
create or replace temp view moments as
select
    started_at as moment,
    session_date as date
from marts.search__sessions;
