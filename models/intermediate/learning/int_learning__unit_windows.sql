{{ config(materialized='view') }}

-- one row per experiment, unit and metric through whose window the unit was followed
with

exposures as (

    select * from {{ ref('int_learning__exposures') }}

),

users as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        signup_date

    from {{ ref('stg_learning__users') }}

),

metrics as (

    select
        *,
        window_end_day - window_start_day + 1 as window_days

    from {{ ref('metrics') }}

),

windows as (

    select
        exposures.experiment_id,
        exposures.unit_id,
        metrics.metric,
        metrics.kind,
        metrics.window_start_day,
        metrics.window_end_day,
        -- users who were there before have events from the first day of the world on
        least(
            {{ days_between('users.signup_date', 'exposures.first_exposed_at') }},
            {{ day_of_date('learning', 'exposures.first_exposed_at') }}
        ) >= metrics.window_days as has_earlier_window

    from exposures
    inner join users on exposures.unit_id = users.unit_id
    inner join metrics on exposures.experiment_id = metrics.experiment_id

    where
        {{ days_between(
            'exposures.first_exposed_at',
            timestamp_literal(last_delivered_date('learning'))
        ) }} >= metrics.window_end_day

)

select * from windows
