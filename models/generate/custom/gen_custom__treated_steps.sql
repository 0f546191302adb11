-- one row per event after the first exposure, under each treatment of the user's experiment
with

users as (

    select
        user_number,
        user_key,
        experiment_number,
        segment_number,
        signup_day,
        sessions_per_active_day,
        rate_factor_ppm,
        stay_draw

    from {{ ref('gen_custom__users') }}

),

regimes as (

    select * from {{ ref('gen_custom__regimes') }}

),

effects as (

    select * from {{ ref('gen_custom__effects') }}

),

exposures as (

    select * from {{ ref('gen_custom__first_exposures') }}

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

-- the treatments that an exposed user may get, from the first day on
treatments as (

    select
        exposures.user_number,
        exposures.session_day as exposing_day,
        exposures.session_number as exposing_session,
        exposures.event_number as exposing_event,
        exposures.exposed_at_ms,
        exposures.exposure_day,
        users.user_key,
        users.segment_number,
        users.signup_day,
        users.sessions_per_active_day,
        users.rate_factor_ppm,
        users.stay_draw,
        regimes.experiment_number,
        regimes.variant_number,
        regimes.last_day,
        regimes.regime as first_regime

    from exposures
    inner join users on exposures.user_number = users.user_number
    inner join regimes
        on
            users.experiment_number = regimes.experiment_number
            and regimes.days_since_exposure = 0

),

followed as (

    {{ drawn_days('treatments', 'exposure_day + 1') }}

),

-- regimes of a treatment are numbered by the days since the exposure
in_regimes as (

    select
        followed.*,
        first_regime + least(day_number - exposure_day, last_day) as regime

    from followed

),

changed as (

    select
        in_regimes.user_number,
        in_regimes.variant_number,
        in_regimes.segment_number,
        in_regimes.regime,
        in_regimes.day_number,
        in_regimes.day_key,
        in_regimes.days_since_signup,
        greatest(
            in_regimes.sessions_per_active_day * coalesce(of_sessions.factor, 1), 1
        ) as session_rate,
        in_regimes.rate_factor_ppm,
        in_regimes.stay_draw,
        in_regimes.activity_draw,
        in_regimes.active_share * coalesce(of_retention.factor, 1) as active_share,
        in_regimes.weekday_factor

    from in_regimes
    left join effects as of_retention
        on
            in_regimes.regime = of_retention.regime
            and in_regimes.segment_number = of_retention.segment_number
            and of_retention.target = 'retention'
    left join effects as of_sessions
        on
            in_regimes.regime = of_sessions.regime
            and in_regimes.segment_number = of_sessions.segment_number
            and of_sessions.target = 'sessions'

),

active as (

    select * from changed

    where
        {{ is_active_day(
            'active_share', 'weekday_factor', 'stay_draw', 'activity_draw',
            'days_since_signup'
        ) }}

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
        baseline.session_key,
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
        treatments.segment_number,
        treatments.first_regime as regime,
        baseline.day_number,
        baseline.session_number,
        baseline.session_key,
        baseline.event_number,
        {{- listed(picked_columns(), 'baseline.{}') }}
        baseline.previous_state,
        baseline.state,
        baseline.event_key,
        baseline.started_at_ms,
        baseline.event_ms,
        -- marks the exposing event itself, which is one of the baseline
        cast(-1 as integer) as gap_ms

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

finished as (

    {{ finished_steps('steps') }}

),

after_exposure as (

    select * from finished

    where gap_ms >= 0

)

select * from after_exposure
