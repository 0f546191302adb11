-- number, mean and variance as exact sums of values in 1/divisor of the unit
create or replace temp table moment_rows as
with

rows_given as (

    {% for side in sides %}
    select {{ 'distinct' if side.is_shared }}
        {{ experiment }} as experiment_id,
        {{ side.variant }} as variant,
        {{ metric }} as metric,
        {{ look }} as look,
        try_cast({{ side.n }} as double) as n,
        try_cast({{ side.mean }} as double) as mean,
        try_cast({{ side.variance }} as double) as variance
    from {{ source.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

rows_dated as (

    select
        *,
        {{ look_date }} as as_of_date
    from rows_given

)

select
    *,
    case
        when experiment_id is null then 'null_experiment'
        when variant is null then 'null_variant'
        when metric is null then 'null_metric'
        when as_of_date is null then 'time_not_a_time'
        when n is null or mean is null or not isfinite(mean) then 'null_moment'
        when n < 2 then 'fewer_than_two_units'
        when variance is null or not isfinite(variance) or variance < 0 then 'null_moment'
        when
            n > 1e15 or n * abs(mean) > 1e18 or n * variance > 1e36 then 'value_too_large'
        when row_number() over (
            partition by experiment_id, variant, metric, as_of_date, n is null
            order by look desc
        ) > 1 then case
            when look = max(look) over (
                partition by experiment_id, variant, metric, as_of_date
            ) then 'duplicate_moment'
            else 'earlier_look_of_day'
        end
    end as reason
from rows_dated;

insert into marts.experiments__input_rows
select {{ input }}, experiment_id, coalesce(reason, 'used'), count(*)
from moment_rows
group by all;

create or replace temp table row_reasons as
select
    experiment_id,
    reason,
    count(*) as row_count,
    list_sort(list(distinct concat_ws(', ', variant, metric, look))[:5]) as examples
from moment_rows
where reason is not null
group by experiment_id, reason;

-- as many decimals as sums of squares of 38 digits have room for
create or replace temp table moment_scales as
select
    experiment_id,
    metric,
    cast(power(10, greatest(0, least(15, floor(least(
        18 - log10(greatest(max(n * abs(mean)), 1)),
        (36 - log10(greatest(max(n * variance), 1))) / 2
    ))))) as bigint) as divisor
from moment_rows
where reason is null
group by experiment_id, metric;

insert into inputs.moments
with

summed as (

    select
        rows_kept.experiment_id,
        rows_kept.variant,
        rows_kept.metric,
        rows_kept.as_of_date,
        cast(round(rows_kept.n) as bigint) as n_units,
        cast(round(rows_kept.n * rows_kept.mean * scales.divisor) as hugeint) as main_sum,
        cast(
            round((rows_kept.n - 1) * rows_kept.variance * scales.divisor * scales.divisor)
            as hugeint
        ) as deviation_sum

    from moment_rows as rows_kept
    inner join moment_scales as scales
        on
            rows_kept.experiment_id = scales.experiment_id
            and rows_kept.metric = scales.metric

    where rows_kept.reason is null

),

compared as (

    select
        *,
        bool_or(variant = {{ control }}) over moments_of_date
        and min(variant) over moments_of_date != max(variant) over moments_of_date
            as has_comparison

    from summed

    window moments_of_date as (partition by experiment_id, metric, as_of_date)

)

select
    experiment_id,
    variant,
    'all' as stratum,
    metric,
    null as assignment_probability,
    n_units,
    null as nonzero_count,
    main_sum,
    deviation_sum + (main_sum * main_sum) // n_units as main_sum_squares,
    null as denominator_sum,
    null as denominator_sum_squares,
    null as main_denominator_sum_product,
    0 as covariate_count,
    0 as covariate_sum,
    0 as covariate_sum_squares,
    0 as main_covariate_sum_product,
    0 as denominator_covariate_sum_product,
    0 as covered_main_sum,
    0 as covered_main_sum_squares,
    0 as covered_denominator_sum,
    as_of_date,
    coalesce(
        as_of_date = max(case when has_comparison then as_of_date end) over (
            partition by experiment_id, metric
        ), false
    ) as is_final
from compared;
