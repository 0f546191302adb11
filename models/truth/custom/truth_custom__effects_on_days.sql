-- one row per claim on an effect on retention or sessions: what came out, and what is expected
with

days as (

    select * from {{ ref('gen_custom__day_draws') }}

),

treated as (

    select * from {{ ref('gen_custom__treated_steps') }}

),

treatments as (

    select * from {{ ref('gen_custom__treatments') }}

),

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

),

effect_claims as (

    {{ parameters('effect_claims') }}

),

effects as (

    select * from {{ ref('truth_custom__claimed_effects') }}

),

-- who is exposed is no random user: what is known of a user goes into the expectation
followed_days as (

    select
        days.user_number,
        days.day_number,
        days.segment_number,
        days.rate_factor_ppm,
        treatments.experiment_number,
        treatments.variant_number,
        greatest(days.sessions_per_active_day * coalesce(of_sessions.factor, 1), 1)
            as session_rate,
        days.active_share * coalesce(of_retention.factor, 1) as active_share,
        days.weekday_factor,
        days.stay_draw

    from days
    inner join treatments
        on
            days.user_number = treatments.user_number
            and days.day_number > treatments.exposure_day
    inner join regimes
        on
            treatments.experiment_number = regimes.experiment_number
            and treatments.variant_number = regimes.variant_number
            and least(
                days.day_number - treatments.exposure_day, treatments.last_day
            ) = regimes.days_since_exposure
    left join effects as of_retention
        on
            regimes.regime = of_retention.regime
            and days.segment_number = of_retention.segment_number
            and of_retention.target = 'retention'
    left join effects as of_sessions
        on
            regimes.regime = of_sessions.regime
            and days.segment_number = of_sessions.segment_number
            and of_sessions.target = 'sessions'

    where
        exists (
            select 1 from effect_claims

            where
                target in ('retention', 'sessions')
                and effect_claims.experiment_number = treatments.experiment_number
        )

),

treated_days as (

    select
        user_number,
        variant_number,
        day_number,
        count(*) as session_count

    from treated

    where event_number = 0

    group by user_number, variant_number, day_number

),

expected_days as (

    select
        followed_days.*,
        treated_days.session_count,
        cast(
            floor(
                1000000000 * {{ activity_chance(
                    'active_share', 'weekday_factor', 'stay_draw'
                ) }}
            ) as hugeint
        ) as active_ppb,
        cast(
            floor(
                (followed_days.session_rate - 1) * followed_days.rate_factor_ppm
            ) as hugeint
        ) as further_ppm

    from followed_days
    left join treated_days
        on
            followed_days.user_number = treated_days.user_number
            and followed_days.variant_number = treated_days.variant_number
            and followed_days.day_number = treated_days.day_number

),

of_followed_days as (

    select
        effect_claims.claim,
        effect_claims.declared,
        case effect_claims.target
            when 'retention' then cast(count(days.session_count) as double)
            else cast(sum(days.session_count) as double)
        end as observed_sum,
        case effect_claims.target
            when 'retention' then cast(sum(days.active_ppb) as double) / 1000000000
            else
                cast(
                    sum(
                        case
                            when days.session_count is not null
                                then 1000000 + days.further_ppm
                        end
                    ) as double
                ) / 1000000
        end as expected_sum,
        case effect_claims.target
            when 'retention'
                then
                    cast(
                        sum(days.active_ppb * (1000000000 - days.active_ppb)) as double
                    ) / 1e18
            else
                cast(
                    sum(
                        case
                            when days.session_count is not null
                                then days.further_ppm * (1000000 + days.further_ppm)
                        end
                    ) as double
                ) / 1e12
        end as variance,
        count(*) as trial_count

    from effect_claims
    inner join expected_days as days
        on
            effect_claims.experiment_number = days.experiment_number
            and effect_claims.variant_number = days.variant_number
            and effect_claims.segment_number = days.segment_number

    where effect_claims.target in ('retention', 'sessions')

    group by effect_claims.claim, effect_claims.declared, effect_claims.target

)

select *, false as is_bounded from of_followed_days
