{{ config(materialized='view') }}

-- one row per user, treatment and day after the exposure on which the user is active
with

treatments as (

    select * from {{ ref('gen_custom__treatments') }}

),

effects as (

    select * from {{ ref('gen_custom__effects') }}

),

followed as (

    {{ drawn_days(
        'treatments', 'exposure_day + 1',
        further_columns=['variant_number', 'exposure_day', 'first_regime', 'last_day'],
        largest_factor="greatest(1, (select max(factor) from effects where target = 'retention'))"
    ) }}

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

)

select * from active
