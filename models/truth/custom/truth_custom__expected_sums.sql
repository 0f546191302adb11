-- one row per claim that is no share of draws: what came out, and what is expected
with

days as (

    select * from {{ ref('gen_custom__day_draws') }}

),

users as (

    select * from {{ ref('gen_custom__users') }}

),

baseline as (

    select * from {{ ref('gen_custom__baseline_steps') }}

    where event_number = 0

),

treated as (

    select * from {{ ref('gen_custom__treated_steps') }}

),

exposures as (

    select * from {{ ref('gen_custom__first_exposures') }}

),

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

),


transitions as (

    select * from {{ ref('gen_custom__transitions') }}

),

claims as (

    {{ parameters('other_claims') }}

),

effect_claims as (

    {{ parameters('effect_claims') }}

),

-- what is expected is made of the claims, and not of what the generator reads
claimed_effects as (

    select
        experiment_number,
        variant_number,
        segment_number,
        target,
        event_number,
        next_number,
        factor,
        novelty,
        half_life_days

    from effect_claims

),

effects as (

    {{ effect_factors('claimed_effects', 'regimes') }}

),

-- Days without effects, in cells of equal probability

active_days as (

    select
        user_number,
        day_number,
        count(*) as session_count

    from baseline

    group by user_number, day_number

),

cells as (

    select
        days.segment_number,
        days.days_since_signup,
        days.day_of_week,
        days.active_share,
        days.weekday_factor,
        count(*) as day_count,
        count(active_days.user_number) as active_count

    from days
    left join active_days
        on
            days.user_number = active_days.user_number
            and days.day_number = active_days.day_number

    where days.days_since_signup > 0

    group by
        days.segment_number, days.days_since_signup, days.day_of_week, days.active_share,
        days.weekday_factor

),

expected_cells as (

    select
        claims.claim,
        claims.declared,
        cells.day_count,
        cells.active_count,
        cast(
            floor(
                1000000000 * least(
                    1,
                    claims.declared * case claims.target
                        when 'retention' then cells.weekday_factor
                        else cells.active_share
                    end
                )
            ) as hugeint
        ) as active_ppb

    from claims
    inner join cells
        on
            (claims.target = 'retention' and claims.day = cells.days_since_signup)
            or (claims.target = 'weekday' and claims.day = cells.day_of_week)

    where coalesce(claims.segment_number, cells.segment_number) = cells.segment_number

),

of_days as (

    select
        claim,
        declared,
        cast(sum(active_count) as double) as observed_sum,
        cast(sum(day_count * active_ppb) as double) / 1000000000 as expected_sum,
        cast(sum(day_count * active_ppb * (1000000000 - active_ppb)) as double)
        / 1e18 as variance,
        cast(sum(day_count) as bigint) as trial_count

    from expected_cells

    group by claim, declared

),

-- Sessions: users differ, so that each is one observation

sessions_aggregated_to_user as (

    select
        users.segment_number,
        cast(sum(active_days.session_count) as bigint) as session_count,
        count(*) as active_count

    from active_days
    inner join users on active_days.user_number = users.user_number

    group by users.user_number, users.segment_number

),

users_of_claims as (

    select
        claims.claim,
        claims.declared,
        per_user.session_count,
        cast(1000000 * per_user.session_count as hugeint)
        - per_user.active_count * cast(round(1000000 * claims.declared) as bigint)
            as surplus_ppm

    from claims
    cross join sessions_aggregated_to_user as per_user

    where
        claims.target = 'sessions'
        and coalesce(claims.segment_number, per_user.segment_number)
        = per_user.segment_number

),

of_sessions as (

    select
        claim,
        declared,
        cast(sum(session_count) as double) as observed_sum,
        cast(sum(session_count) as double) - cast(sum(surplus_ppm) as double) / 1000000
            as expected_sum,
        cast(sum(surplus_ppm * surplus_ppm) as double) / 1e12 as variance,
        count(*) as trial_count

    from users_of_claims

    group by claim, declared

),

signup_days as (

    select
        signup_day,
        case
            when signup_day < 0 then 0
            else
                power(
                    cast(
                        {{ 1 + declaration()['signups_weekly_growth'] }} as double
                    ),
                    signup_day / cast(7 as double)
                )
        end as weight

    from {{ ref('gen_custom__signup_aliases') }}

),

signup_moments as (

    select
        {{ ordered_sum('weight * signup_day', 'signup_day') }}
        / {{ ordered_sum('weight', 'signup_day') }} as mean_day,
        {{ ordered_sum('weight * signup_day * signup_day', 'signup_day') }}
        / {{ ordered_sum('weight', 'signup_day') }} as mean_square

    from signup_days

),

of_signups as (

    select
        claims.claim,
        claims.declared,
        cast(sum(users.signup_day) as double) as observed_sum,
        count(*) * claims.declared as expected_sum,
        count(*) * max(
            signup_moments.mean_square
            - signup_moments.mean_day * signup_moments.mean_day
        ) as variance,
        count(*) as trial_count

    from claims
    cross join users
    cross join signup_moments

    where
        claims.target = 'signup_day'
        and users.signup_day >= 0
        and {{ 'true' if delivered_until('custom') > world_end_date('custom') else 'false' }}

    group by claims.claim, claims.declared

),

-- Effects, after the exposure and under each treatment

treatments as (

    select
        exposures.user_number,
        exposures.exposure_day,
        users.segment_number,
        users.trigger_number,
        users.stay_draw,
        users.rate_factor_ppm,
        regimes.experiment_number,
        regimes.variant_number,
        regimes.last_day

    from exposures
    inner join users on exposures.user_number = users.user_number
    inner join regimes
        on
            users.experiment_number = regimes.experiment_number
            and regimes.days_since_exposure = 0

),

steps_in_regimes as (

    select
        treated.previous_state,
        treated.state,
        treated.gap_ms,
        treated.user_number,
        treated.day_number,
        treated.event_number,
        treatments.segment_number,
        treatments.experiment_number,
        treatments.variant_number,
        regimes.regime

    from treated
    inner join treatments
        on
            treated.user_number = treatments.user_number
            and treated.variant_number = treatments.variant_number
    inner join regimes
        on
            treatments.experiment_number = regimes.experiment_number
            and treatments.variant_number = regimes.variant_number
            and greatest(
                least(
                    treated.day_number - treatments.exposure_day, treatments.last_day
                ),
                0
            ) = regimes.days_since_exposure

),

-- the exposing event is the first that an effect may follow
visited as (

    select
        regime,
        segment_number,
        state,
        count(*) as visit_count

    from (
        select
            regime,
            segment_number,
            state

        from steps_in_regimes

        union all

        select
            regimes.regime,
            treatments.segment_number,
            treatments.trigger_number as state

        from treatments
        inner join regimes
            on
                treatments.experiment_number = regimes.experiment_number
                and treatments.variant_number = regimes.variant_number
                and regimes.days_since_exposure = 0
    ) as visits

    group by regime, segment_number, state

),

followed as (

    select
        regime,
        segment_number,
        previous_state,
        state,
        count(*) as follow_count

    from steps_in_regimes

    group by regime, segment_number, previous_state, state

),

-- what leads to the end is what no other event follows
plain_probabilities as (

    select
        segment_number,
        state,
        next_state,
        draw_below - draw_from as follow_ppb

    from transitions

    where regime = 0

    union all

    select
        segment_number,
        state,
        0 as next_state,
        cast(1000000000 - sum(draw_below - draw_from) as integer) as follow_ppb

    from transitions

    where regime = 0

    group by segment_number, state

),

transition_probabilities as (

    select
        effects.regime,
        plain.segment_number,
        plain.state,
        plain.next_state,
        cast(floor(least(1000000000, plain.follow_ppb * effects.factor)) as hugeint)
            as follow_ppb

    from plain_probabilities as plain
    inner join effects
        on
            plain.segment_number = effects.segment_number
            and effects.target = 'transition'
            and plain.state = effects.event_number
            and plain.next_state = effects.next_number

),

follow_counts as (

    select * from followed

    union all

    select
        visited.regime,
        visited.segment_number,
        visited.state as previous_state,
        0 as state,
        visited.visit_count - coalesce(cast(sum(followed.follow_count) as bigint), 0)
            as follow_count

    from visited
    left join followed
        on
            visited.regime = followed.regime
            and visited.segment_number = followed.segment_number
            and visited.state = followed.previous_state

    group by visited.regime, visited.segment_number, visited.state, visited.visit_count

),

of_transitions as (

    select
        effect_claims.claim,
        effect_claims.declared,
        coalesce(cast(sum(follow_counts.follow_count) as double), 0) as observed_sum,
        cast(sum(visited.visit_count * chances.follow_ppb) as double) / 1000000000
            as expected_sum,
        cast(
            sum(
                visited.visit_count * chances.follow_ppb
                * (1000000000 - chances.follow_ppb)
            ) as double
        ) / 1e18 as variance,
        cast(sum(visited.visit_count) as bigint) as trial_count

    from effect_claims
    inner join regimes
        on
            effect_claims.experiment_number = regimes.experiment_number
            and effect_claims.variant_number = regimes.variant_number
    inner join visited
        on
            regimes.regime = visited.regime
            and effect_claims.segment_number = visited.segment_number
            and effect_claims.event_number = visited.state
    inner join transition_probabilities as chances
        on
            visited.regime = chances.regime
            and visited.segment_number = chances.segment_number
            and visited.state = chances.state
            and effect_claims.next_number = chances.next_state
    left join follow_counts
        on
            visited.regime = follow_counts.regime
            and visited.segment_number = follow_counts.segment_number
            and visited.state = follow_counts.previous_state
            and effect_claims.next_number = follow_counts.state

    where effect_claims.target = 'transition'

    group by effect_claims.claim, effect_claims.declared

),

-- of a gap, the share below its median
gap_scales as (

    select distinct
        effects.regime,
        transitions.segment_number,
        transitions.next_state as state,
        floor(exp(transitions.log_median_ms + ln(effects.factor))) as middle_ms,
        (
            ln(floor(exp(transitions.log_median_ms + ln(effects.factor))))
            - transitions.log_median_ms - ln(effects.factor)
        ) / transitions.log_spread as middle_z

    from transitions
    inner join effects
        on
            transitions.segment_number = effects.segment_number
            and effects.target = 'gap'
            and transitions.next_state = effects.event_number

    where transitions.regime = 0 and transitions.log_spread > 0

),

gap_chances as (

    select
        regime,
        segment_number,
        state,
        middle_ms,
        cast(floor(1000000000 * {{ norm_cdf('middle_z') }}) as hugeint) as below_ppb

    from gap_scales

),

of_gaps as (

    select
        effect_claims.claim,
        0.5 as declared,
        cast(
            count(case when steps.gap_ms < chances.middle_ms then 1 end) as double
        ) as observed_sum,
        cast(sum(chances.below_ppb) as double) / 1000000000 as expected_sum,
        cast(
            sum(chances.below_ppb * (1000000000 - chances.below_ppb)) as double
        ) / 1e18 as variance,
        count(*) as trial_count

    from effect_claims
    inner join steps_in_regimes as steps
        on
            effect_claims.experiment_number = steps.experiment_number
            and effect_claims.variant_number = steps.variant_number
            and effect_claims.segment_number = steps.segment_number
            and effect_claims.event_number = steps.state
    inner join gap_chances as chances
        on
            steps.regime = chances.regime
            and steps.segment_number = chances.segment_number
            and steps.state = chances.state

    where effect_claims.target = 'gap' and steps.event_number > 0

    group by effect_claims.claim

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

),

summed as (

    select *, true as is_bounded from of_days

    union all

    select *, false as is_bounded from of_sessions

    union all

    select *, false as is_bounded from of_signups

    union all

    select *, true as is_bounded from of_transitions

    union all

    select *, true as is_bounded from of_gaps

    union all

    select *, false as is_bounded from of_followed_days

)

select * from summed
