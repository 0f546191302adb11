-- whoever came, from the first date on which it did, with a variant that changed nothing
create or replace temp table rows_read as
with

arrivals as (

    select
        unit_id,
        min(date) as exposure_date
    from ({{ seen }})
    where date between {{ first }} and {{ last }}
    group by unit_id

),

placed as (

    select
        *,
        (hash(unit_id) >> 11) / power(2, 53) as place
    from arrivals

)

select
    {{ name }} as experiment_id,
    unit_id,
    case {{ cases }} else {{ otherwise }} end as variant,
    cast(exposure_date as timestamp) as exposed_at,
    cast(null as double) as assignment_probability,
    'all' as stratum,
    'all' as segment,
    cast(null as varchar) as reason
from placed;

create or replace temp table row_reasons as
select experiment_id, reason, 0 as row_count, cast([] as varchar[]) as examples
from rows_read
where false;
