-- one row per date and arm: units exposed for the first time
create or replace temp table figure as
select
    exposures.exposure_date as period,
    'day' as unit,
    exposures.variant as kind,
    dense_rank() over (order by exposures.is_treated, exposures.variant) as rank,
    count(*) as amount,
    count(*) filter (exposures.is_multi_variant) as several_arms,
    any_value(variants.planned_share) as planned_share
from intermediate.int_experiments__exposures as exposures
left join intermediate.int_experiments__variants as variants
    on
        exposures.experiment_id = variants.experiment_id
        and exposures.variant = variants.variant
where exposures.experiment_id = getvariable('experiment')
group by exposures.exposure_date, exposures.variant, exposures.is_treated
order by rank, period;

-- one row: what the sentence says
with

arms as (

    select
        kind,
        rank,
        sum(amount) as units,
        sum(several_arms) as several_arms,
        min(period) as first_date,
        max(period) as last_date,
        any_value(planned_share) as planned_share

    from figure

    group by kind, rank

),

shares as (

    select
        *,
        100 * cast(units as double) / nullif(sum(units) over (), 0) as percent

    from arms

)

select
    cast(sum(units) as bigint) as units,
    cast(sum(several_arms) as bigint) as several_arms,
    min(first_date) as first_date,
    max(last_date) as last_date,
    case
        -- where diorama analyse was told of no time
        when max(last_date) = date '2000-01-01' then 'undated'
        when min(first_date) = max(last_date) then 'day'
        else 'days'
    end as says,
    list(
        concat(
            format('{:.1f} % {}', percent, kind),
            format(' (planned {:.0f} %)', 100 * planned_share)
        )
        order by rank
    ) as arms
from shares
