{{ config(materialized='view') }}

-- one row per session in either arm, as long as a metric looks: its card views in each
with

sessions as (

    select * from {{ ref('gen_feed__sessions') }}

    where day_since_exposure >= 0

),

variants as (

    select * from {{ ref('feed_variants') }}

),

horizons as (

    select
        experiment_id,
        max(window_end_day) as last_day

    from {{ ref('metrics') }}

    group by experiment_id

),

-- no views where there is no session in that arm
arms_aggregated_to_session as (

    select
        sessions.user_number,
        sessions.day_since_exposure,
        sessions.session_key,
        max(case when variants.is_treated then 0 else sessions.card_view_count end)
            as y0_card_view_count,
        max(case when variants.is_treated then sessions.card_view_count else 0 end)
            as y1_card_view_count

    from sessions
    inner join variants on sessions.variant = variants.variant
    inner join horizons
        on
            variants.experiment_id = horizons.experiment_id
            and sessions.day_since_exposure <= horizons.last_day

    group by
        sessions.user_number, sessions.day_since_exposure, sessions.session_key

)

select * from arms_aggregated_to_session
