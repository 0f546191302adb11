-- one row per claim on an effect on the time between events: what came out, and what is expected
with

steps as (

    select * from {{ ref('truth_custom__treated_steps') }}

),

transitions as (

    select * from {{ ref('gen_custom__transitions') }}

),

effects as (

    select * from {{ ref('truth_custom__claimed_effects') }}

),

effect_claims as (

    {{ parameters('effect_claims') }}

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
            count(
                case
                    when {{ walk_gap_ms('steps.previous_key', 'transitions') }} < chances.middle_ms
                        then 1
                end
            ) as double
        ) as observed_sum,
        cast(sum(chances.below_ppb) as double) / 1000000000 as expected_sum,
        cast(
            sum(chances.below_ppb * (1000000000 - chances.below_ppb)) as double
        ) / 1e18 as variance,
        count(*) as trial_count

    from effect_claims
    inner join steps
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
    inner join transitions
        on
            steps.regime = transitions.regime
            and steps.segment_number = transitions.segment_number
            and steps.previous_state = transitions.state
            and steps.state = transitions.next_state

    where effect_claims.target = 'gap' and steps.event_number > 0

    group by effect_claims.claim

)

select *, true as is_bounded from of_gaps
