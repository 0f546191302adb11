{{ config(materialized='view') }}

-- one row per experiment, unit and metric through whose window the unit was followed;
-- and one for its activity, as far as it goes
with

exposures as (

    select * from {{ ref('int_shop__exposures') }}

),

users as (

    select * from {{ ref('stg_shop__users') }}

),

experiments as (

    select * from {{ ref('experiments') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

followed as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        -- null where the user is not known yet
        {{ days_between('users.registration_date', 'exposures.first_exposed_at') }}
            as days_since_registration,
        {{ days_between(
            timestamp_literal(world_start_date('shop')), 'exposures.first_exposed_at'
        ) }} as exposure_day,
        {{ days_between(
            'exposures.first_exposed_at',
            timestamp_literal(last_delivered_date('shop'))
        ) }} as followed_days

    from exposures
    left join users on exposures.unit_id = users.user_id

),

measures as (

    select
        experiment_id,
        metric,
        kind,
        window_start_day,
        window_end_day,
        window_end_day as required_days,
        window_end_day - window_start_day + 1 as earlier_days

    from metrics

    union all

    select
        experiment_id,
        'active' as metric,
        'activity' as kind,
        0 as window_start_day,
        horizon_days - 1 as window_end_day,
        0 as required_days,
        cast(null as bigint) as earlier_days

    from experiments

),

windows as (

    select
        followed.experiment_id,
        followed.unit_id,
        measures.metric,
        measures.kind,
        measures.window_start_day,
        measures.window_end_day,
        coalesce(
            followed.days_since_registration >= measures.earlier_days
            and followed.exposure_day >= measures.earlier_days,
            false
        ) as has_earlier_window

    from followed
    inner join measures
        on
            followed.experiment_id = measures.experiment_id
            and followed.followed_days >= measures.required_days

)

select * from windows
