-- one row per experiment, stratum, probability of treatment, variant and date of
-- exposure
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

variants as (

    select
        *,
        count(*) over (partition by experiment_id) as variant_count

    from {{ ref('int_experiments__variants') }}

),

-- billionths, so that 0.2 and 1 - 0.8 are one probability
described as (

    select
        exposures.experiment_id,
        exposures.stratum,
        exposures.variant,
        exposures.exposure_date,
        cast(floor(exposures.assignment_probability * 1000000000 + 0.5) as bigint)
            as variant_ppb,
        variants.variant_count,
        variants.is_control

    from exposures
    inner join variants
        on
            exposures.experiment_id = variants.experiment_id
            and exposures.variant = variants.variant

),

-- of two variants, one unit tells both probabilities; -1 stands for none
celled as (

    select
        *,
        case
            when variant_count > 2 or variant_ppb is null then cast(-1 as bigint)
            when is_control then 1000000000 - variant_ppb
            else variant_ppb
        end as treatment_ppb

    from described

),

-- where sums are given, and no units
given_sums as (

    {{ input_rows('moments') }}

),

-- the metric of most units tells of them
given_units as (

    select
        experiment_id,
        stratum,
        variant,
        as_of_date,
        max(n_units) as n_units

    from given_sums

    group by experiment_id, stratum, variant, as_of_date

),

aggregated_to_date as (

    select
        experiment_id,
        stratum,
        treatment_ppb,
        variant,
        exposure_date,
        count(*) as n_units,
        min(variant_ppb) as lowest_ppb,
        max(variant_ppb) as highest_ppb

    from celled

    group by experiment_id, stratum, treatment_ppb, variant, exposure_date

    union all

    select
        experiment_id,
        stratum,
        cast(-1 as bigint) as treatment_ppb,
        variant,
        as_of_date as exposure_date,
        n_units - lag(n_units, 1, 0) over (
            partition by experiment_id, stratum, variant order by as_of_date
        ) as n_units,
        cast(null as bigint) as lowest_ppb,
        cast(null as bigint) as highest_ppb
    from given_units

),

cells as (

    select distinct
        experiment_id,
        stratum,
        treatment_ppb

    from aggregated_to_date

),

dates as (

    select distinct
        experiment_id,
        exposure_date

    from aggregated_to_date

),

-- each variant on each date, also where nobody came to it
cumulated as (

    select
        cells.experiment_id,
        cells.stratum,
        cells.treatment_ppb,
        variants.variant,
        variants.planned_share,
        variants.is_control,
        dates.exposure_date,
        cast(coalesce(sum(counts.n_units) over so_far, 0) as bigint) as n_units,
        min(counts.lowest_ppb) over of_variant as lowest_ppb,
        max(counts.highest_ppb) over of_variant as highest_ppb

    from cells
    inner join variants on cells.experiment_id = variants.experiment_id
    inner join dates on cells.experiment_id = dates.experiment_id
    left join aggregated_to_date as counts
        on
            cells.experiment_id = counts.experiment_id
            and cells.stratum = counts.stratum
            and cells.treatment_ppb = counts.treatment_ppb
            and variants.variant = counts.variant
            and dates.exposure_date = counts.exposure_date

    window
        of_variant as (
            partition by
                cells.experiment_id,
                cells.stratum,
                cells.treatment_ppb,
                variants.variant
        ),
        so_far as (
            partition by
                cells.experiment_id,
                cells.stratum,
                cells.treatment_ppb,
                variants.variant
            order by dates.exposure_date
        )

)

select
    experiment_id,
    stratum,
    treatment_ppb,
    variant,
    n_units,
    -- what was logged, or else what was planned; unknown where the log has several
    case
        when treatment_ppb >= 0
            then
                case
                    when is_control then 1000000000 - treatment_ppb else treatment_ppb
                end / 1e9
        when lowest_ppb is null then planned_share
        when lowest_ppb = highest_ppb then lowest_ppb / 1e9
    end as variant_probability,
    exposure_date

from cumulated
