-- one row per raw table and reason: rows that staging rejected
create or replace temp view rejects as
select * from staging.stg_feed__rejects;

-- one row per staged table: rows that staging took
create or replace temp view accepted as
select count(*) as accepted from staging.stg_feed__users
union all
select count(*) as accepted from staging.stg_feed__events
union all
select count(*) as accepted from staging.stg_feed__exposures;
