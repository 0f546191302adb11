-- one row per login, with its time and its date
create or replace temp view moments as
select
    event_time as moment,
    event_date as date
from staging.stg_learning__events
where event_type = 'login';
