-- one row per claim on an effect on what follows an event: what came out, and what is expected
with

steps as (

    select * from {{ ref('truth_custom__treated_steps') }}

),

treatments as (

    select * from {{ ref('gen_custom__treatments') }}

),

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

),

transitions as (

    select * from {{ ref('gen_custom__transitions') }}

    where regime = 0

),

effects as (

    select * from {{ ref('truth_custom__claimed_effects') }}

),

effect_claims as (

    {{ parameters('effect_claims') }}

),

-- the exposing event is the first that an effect may follow
exposing as (

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

),

visits as (

    select
        regime,
        segment_number,
        state

    from steps

    union all

    select * from exposing

),

visited as (

    select
        regime,
        segment_number,
        state,
        count(*) as visit_count

    from visits

    group by regime, segment_number, state

),

followed as (

    select
        regime,
        segment_number,
        previous_state,
        state,
        count(*) as follow_count

    from steps

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

    union all

    select
        segment_number,
        state,
        0 as next_state,
        cast(1000000000 - sum(draw_below - draw_from) as integer) as follow_ppb

    from transitions

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

)

select *, true as is_bounded from of_transitions
