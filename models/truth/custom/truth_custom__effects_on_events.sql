-- one row per claim on an effect on what follows an event, and when: what came out, and what is expected
with

users as (

    select * from {{ ref('gen_custom__users') }}

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

summed as (

    select *, true as is_bounded from of_transitions

    union all

    select *, true as is_bounded from of_gaps

)

select * from summed
