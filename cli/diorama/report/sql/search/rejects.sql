-- one row per raw table and reason: rows that staging rejected
create or replace temp view rejects as
select * from staging.stg_search__rejects;

-- one row per staged table: rows that staging took
create or replace temp view accepted as
select count(*) as accepted from staging.stg_search__searches
union all
select count(*) as accepted from staging.stg_search__clicks
union all
select count(*) as accepted from staging.stg_search__conversions
union all
select count(*) as accepted from staging.stg_search__impressions
union all
select count(*) as accepted from staging.stg_search__exposures;
