-- one row per event after the first exposure, under each treatment of the user's experiment
with

treatments as (

    select * from {{ ref('gen_custom__treatments') }}

),

active as (

    select * from {{ ref('gen_custom__treated_days') }}

),

baseline as (

    select * from {{ ref('gen_custom__baseline_steps') }}

),

baseline_sessions as (

    select * from {{ ref('gen_custom__baseline_steps') }}

    where event_number = 0

),

hours as (

    select * from {{ ref('gen_custom__hour_aliases') }}

),

transitions as (

    select * from {{ ref('gen_custom__transitions') }}

),

later_sessions as (

    {{ sessions_begun('active', 'hours') }}

),

-- sessions that begin on the day of the exposure, after it, are those without effect
same_day_sessions as (

    select
        baseline.user_number,
        treatments.variant_number,
        treatments.segment_number,
        treatments.first_regime as regime,
        baseline.day_number,
        baseline.session_number,
        {{ session_key('treatments.user_key', 'baseline') }} as session_key,
        baseline.started_at_ms

    from baseline_sessions as baseline
    inner join treatments on baseline.user_number = treatments.user_number

    where
        baseline.started_at_ms > treatments.exposed_at_ms
        and baseline.day_number <= treatments.exposure_day

),

sessions as (

    select * from later_sessions

    union all

    select * from same_day_sessions

),

begun as (

    {{ first_steps('sessions') }}

),

-- the session of the exposure goes on from the event that exposes
exposing as (

    select
        baseline.user_number,
        treatments.variant_number,
        {{ chain_number('treatments.first_regime', 'treatments.segment_number') }}
            as chain_number,
        baseline.day_number,
        baseline.session_number,
        {{ session_key('treatments.user_key', 'baseline') }} as session_key,
        baseline.event_number,
        {{- listed(picked_columns(), 'baseline.{}') }}
        -- marks the exposing event itself, which is one of the baseline
        cast(-1 as smallint) as previous_state,
        baseline.state,
        baseline.started_at_ms,
        baseline.elapsed_ms

    from baseline
    inner join treatments
        on
            baseline.user_number = treatments.user_number
            and baseline.day_number = treatments.exposing_day
            and baseline.session_number = treatments.exposing_session
            and baseline.event_number = treatments.exposing_event

),

seeds as (

    select * from begun

    union all

    select * from exposing

),

steps as (

    {{ walked('seeds', 'transitions') }}

),

after_exposure as (

    select * from steps

    where previous_state >= 0

)

select * from after_exposure
