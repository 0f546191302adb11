-- one row per experiment, unit with one variant, and metric with full follow-up
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

metrics as (

    select * from {{ ref('int_experiments__metrics') }}

),

unit_metric_days as (

    select * from {{ ref('int_experiments__unit_metric_days') }}

),

-- where values are given, and not what units did
given_values as (

    {{ input_rows('unit_metrics') }}

),

aggregated_to_metric as (

    select
        metric,
        unit_hash,
        sum(case when days_since_exposure >= 0 then numerator end) as numerator,
        sum(case when days_since_exposure >= 0 then denominator end) as denominator,
        sum(case when days_since_exposure < 0 then numerator end) as earlier_numerator,
        sum(case when days_since_exposure < 0 then denominator end)
            as earlier_denominator

    from unit_metric_days

    group by metric, unit_hash

),

described as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        metrics.metric,
        metrics.kind,
        exposures.variant,
        exposures.stratum,
        exposures.segment,
        exposures.unit_hash,
        cast({{ metric_value('units.numerator', 'metrics') }} as bigint) as numerator,
        cast(
            case when metrics.kind = 'ratio' then coalesce(units.denominator, 0) end
            as bigint
        ) as denominator,
        cast(
            case
                when exposures.prior_days >= metrics.covariate_days
                    then {{ metric_value('units.earlier_numerator', 'metrics') }}
            end as bigint
        ) as earlier_numerator,
        cast(
            case
                when
                    metrics.kind = 'ratio'
                    and exposures.prior_days >= metrics.covariate_days
                    then coalesce(units.earlier_denominator, 0)
            end as bigint
        ) as earlier_denominator,
        cast(floor(metrics.cap_quantile * 1000000 + 0.5) as bigint) as cap_ppm,
        exposures.assignment_probability,
        exposures.is_treated,
        exposures.exposure_date

    from exposures
    inner join metrics
        on
            exposures.experiment_id = metrics.experiment_id
            and exposures.followed_days >= metrics.window_end_day
    left join aggregated_to_metric as units
        on
            exposures.unit_hash = units.unit_hash
            and metrics.metric = units.metric

    where
        exposures.experiment_id not in (
            select given.experiment_id from given_values as given
        )

    union all

    select
        exposures.experiment_id,
        exposures.unit_id,
        metrics.metric,
        metrics.kind,
        exposures.variant,
        exposures.stratum,
        exposures.segment,
        exposures.unit_hash,
        given.numerator,
        given.denominator,
        given.earlier_numerator,
        given.earlier_denominator,
        cast(floor(metrics.cap_quantile * 1000000 + 0.5) as bigint) as cap_ppm,
        exposures.assignment_probability,
        exposures.is_treated,
        exposures.exposure_date
    from given_values as given
    inner join exposures
        on
            given.experiment_id = exposures.experiment_id
            and given.unit_id = exposures.unit_id
    inner join metrics
        on
            given.experiment_id = metrics.experiment_id
            and given.metric = metrics.metric

),

ordered as (

    select
        experiment_id,
        metric,
        numerator,
        cap_ppm,
        row_number() over (
            partition by experiment_id, metric order by numerator, unit_id
        ) as position,
        count(*) over (partition by experiment_id, metric) as unit_count

    from described

    where cap_ppm is not null

),

-- the smallest value of which at least the quantile's share of units is not above
caps as (

    select
        experiment_id,
        metric,
        numerator as numerator_cap

    from ordered

    where position = {{ integer_quotient('(cap_ppm * unit_count + 999999)', 1000000) }}

),

winsorized as (

    select
        described.experiment_id,
        described.unit_id,
        described.metric,
        described.kind,
        described.variant,
        described.stratum,
        described.segment,
        described.unit_hash,
        described.numerator,
        described.denominator,
        least(
            described.numerator, coalesce(caps.numerator_cap, described.numerator)
        ) as numerator_winsorized,
        -- cut where the metric is, so that both measure the same; null stays null
        case
            when described.earlier_numerator > caps.numerator_cap
                then caps.numerator_cap
            else described.earlier_numerator
        end as earlier_numerator,
        described.earlier_denominator,
        described.assignment_probability,
        described.is_treated,
        described.exposure_date

    from described
    left join caps
        on
            described.experiment_id = caps.experiment_id
            and described.metric = caps.metric

),

pasts as (

    select
        experiment_id,
        metric,
        {{ exact_sum('earlier_numerator') }} as numerator_sum,
        nullif({{ exact_sum('earlier_denominator') }}, 0) as denominator_sum,
        -- small numerators get three more digits
        case
            when abs({{ exact_sum('earlier_numerator') }}) < 1000 * count(*) then 1000
            else 1
        end as scale

    from winsorized

    where earlier_denominator is not null

    group by experiment_id, metric

),

-- the past of a ratio is linearized about the quotient of all units: y - R d
linearized as (

    select
        winsorized.experiment_id,
        winsorized.unit_id,
        winsorized.metric,
        winsorized.kind,
        winsorized.variant,
        winsorized.stratum,
        winsorized.segment,
        winsorized.unit_hash,
        winsorized.numerator,
        winsorized.denominator,
        winsorized.numerator_winsorized,
        cast(
            case
                when winsorized.kind != 'ratio' then winsorized.earlier_numerator
                else {{ integer_quotient(
                    '(pasts.scale * (winsorized.earlier_numerator * pasts.denominator_sum
                    - winsorized.earlier_denominator * pasts.numerator_sum))',
                    'pasts.denominator_sum'
                ) }}
            end as bigint
        ) as covariate,
        winsorized.assignment_probability,
        winsorized.is_treated,
        winsorized.exposure_date

    from winsorized
    left join pasts
        on
            winsorized.experiment_id = pasts.experiment_id
            and winsorized.metric = pasts.metric

)

select * from linearized
