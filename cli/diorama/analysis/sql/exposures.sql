-- one row per experiment and unit: the first exposure decides
insert into inputs.exposures
with

first_rows as (

    select
        experiment_id,
        unit_id,
        min((exposed_at, variant, stratum, segment, assignment_probability)) as first_row,
        count(*) as exposure_count,
        min(variant) != max(variant) as is_multi_variant

    from rows_read

    where reason is null

    group by experiment_id, unit_id

)

select
    experiment_id,
    unit_id,
    first_row[2] as variant,
    first_row[3] as stratum,
    first_row[4] as segment,
    first_row[5] as assignment_probability,
    exposure_count,
    cast(null as bigint) as prior_days,
    cast(null as bigint) as followed_days,
    is_multi_variant,
    cast(date_trunc('week', first_row[1]) as date) as cohort_week,
    date_trunc('day', first_row[1]) as assigned_at,
    first_row[1] as first_exposed_at

from first_rows;

insert into marts.experiments__input_rows
select
    {{ input }},
    experiment_id,
    case when is_multi_variant then 'several_variants' else 'used' end as reason,
    cast(sum(exposure_count) as bigint)
from inputs.exposures
where experiment_id not in (select experiment_id from old_experiments)
group by all;

insert into marts.experiments__input_checks
select
    'several_variants',
    'warn',
    {{ input }},
    experiment_id,
    count(*),
    list_sort(list(unit_id order by unit_id)[:5]),
    'units that were exposed to several variants are left out'
from inputs.exposures
where
    is_multi_variant
    and experiment_id not in (select experiment_id from old_experiments)
group by experiment_id;
