-- one row per raw table and reason: rows that staging rejected
create or replace temp view rejects as
select * from staging.stg_shop__rejects;

-- one row per staged table: rows that staging took
create or replace temp view accepted as
select count(*) as accepted from staging.stg_shop__items
union all
select count(*) as accepted from staging.stg_shop__users
union all
select count(*) as accepted from staging.stg_shop__events
union all
select count(*) as accepted from staging.stg_shop__exposures;
