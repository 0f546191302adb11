{{ config(materialized='view') }}

-- one row per event and variant: without effects (variant 0), and after the exposure under each treatment
with

users as (

    select
        user_number,
        user_id,
        segment_number,
        variant_number

    from {{ ref('gen_custom__users') }}

),

exposures as (

    select * from {{ ref('gen_custom__first_exposures') }}

),

baseline as (

    select * from {{ ref('gen_custom__baseline_steps') }}

),

treated as (

    select * from {{ ref('gen_custom__treated_steps') }}

),

compared as (

    select
        baseline.*,
        users.user_id,
        users.segment_number,
        coalesce(users.variant_number, 0) as assigned_number,
        exposures.exposure_day,
        case
            when exposures.user_number is null then true
            when
                baseline.day_number = exposures.session_day
                and baseline.session_number = exposures.session_number
                then baseline.event_number <= exposures.event_number
            else baseline.started_at_ms <= exposures.exposed_at_ms
        end as is_before_effect

    from baseline
    inner join users on baseline.user_number = users.user_number
    left join exposures on baseline.user_number = exposures.user_number

),

after_exposure as (

    select
        treated.*,
        users.user_id,
        users.segment_number,
        users.variant_number as assigned_number,
        exposures.exposure_day,
        false as is_before_effect

    from treated
    inner join users on treated.user_number = users.user_number
    inner join exposures on treated.user_number = exposures.user_number

),

both_arms as (

    select * from compared

    union all

    select * from after_exposure

),

assigned as (

    select
        both_arms.*,
        is_before_effect or variant_number = assigned_number as is_assigned

    from both_arms

)

select * from assigned
