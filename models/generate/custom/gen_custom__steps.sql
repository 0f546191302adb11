{{ config(materialized='view') }}

-- one row per event and variant: without effects (variant 0), and after the exposure under each treatment
with

users as (

    select
        users.user_number,
        users.user_id,
        users.user_key,
        users.segment_number,
        coalesce(users.variant_number, 0) as assigned_number,
        exposures.session_day,
        exposures.session_number as exposing_session,
        exposures.event_number as exposing_event,
        -- without an exposure, no session starts after it
        coalesce(exposures.exposed_at_ms, 9223372036854775807) as exposed_at_ms,
        exposures.exposure_day

    from {{ ref('gen_custom__users') }} as users
    left join {{ ref('gen_custom__first_exposures') }} as exposures
        on users.user_number = exposures.user_number

),

baseline as (

    select * from {{ ref('gen_custom__baseline_steps') }}

),

treated as (

    select * from {{ ref('gen_custom__treated_steps') }}

),

-- each has its user; a left join does not take the arms' filter in, which is slower there
compared as (

    select
        baseline.*,
        users.user_id,
        users.user_key,
        users.segment_number,
        users.assigned_number,
        users.exposure_day,
        case
            when
                baseline.day_number = users.session_day
                and baseline.session_number = users.exposing_session
                then baseline.event_number <= users.exposing_event
            else baseline.started_at_ms <= users.exposed_at_ms
        end as is_before_effect

    from baseline
    left join users on baseline.user_number = users.user_number

),

after_exposure as (

    select
        treated.*,
        users.user_id,
        users.user_key,
        users.segment_number,
        users.assigned_number,
        users.exposure_day,
        false as is_before_effect

    from treated
    inner join users on treated.user_number = users.user_number

    where users.exposure_day is not null

),

both_arms as (

    select * from compared

    union all

    select * from after_exposure

),

keyed as (

    select
        both_arms.*,
        {{ session_key('user_key', 'both_arms') }} as session_key

    from both_arms

),

assigned as (

    select
        keyed.*,
        started_at_ms + elapsed_ms as event_ms,
        {{ fold_in('session_key', 'event_number') }} as event_key,
        is_before_effect or variant_number = assigned_number as is_assigned

    from keyed

)

select * from assigned
