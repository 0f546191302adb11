-- one row per raw table and reason: rows that staging rejected
create or replace temp view rejects as
select * from staging.stg_learning__rejects;

-- one row per staged table: rows that staging took
create or replace temp view accepted as
select count(*) as accepted from staging.stg_learning__users
union all
select count(*) as accepted from staging.stg_learning__events
union all
select count(*) as accepted from staging.stg_learning__exposures;
