-- the rows of a fact that exposed units have on days that a metric or the horizon looks at
create or replace temp table seen_units as
select
    {{ key }} as unit_key,
    unit_id,
    min(cast(first_exposed_at as date)) - {{ before }} as first_date,
    max(cast(first_exposed_at as date)) + {{ behind }} as last_date
from inputs.exposures
where not is_multi_variant
group by unit_id;

create or replace temp table rows_{{ number }} as
select
    units.unit_id,
    cast(facts.happened_at as date) as activity_date,
    facts.value
from fact_{{ number }} as facts
inner join seen_units as units
    on
        facts.unit_key = units.unit_key
        and cast(facts.happened_at as date) between units.first_date and units.last_date
where facts.reason is null;

insert into marts.experiments__input_rows
with

counts as (

    select
        count(*) as good_rows,
        count(*) filter (unit_key in (select unit_key from seen_units)) as exposed_rows,
        (select count(*) from rows_{{ number }}) as used_rows
    from fact_{{ number }}
    where reason is null

)

select {{ input }}, null, 'used', used_rows from counts
union all
select {{ input }}, null, 'outside_windows', exposed_rows - used_rows from counts
union all
select {{ input }}, null, 'facts_without_exposure', good_rows - exposed_rows from counts;
