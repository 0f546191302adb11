{{ config(materialized=large_view_or_table()) }}

-- one row per user and variant in which the exposure log has the user, before dirt
with

users as (

    select * from {{ ref('gen_feed__users') }}

),

first_sessions as (

    select * from {{ ref('gen_feed__session_starts') }}

    where day_since_exposure = 0

),

variants as (

    select * from {{ ref('feed_variants') }}

),

drawn as (

    select
        users.user_key,
        users.user_number,
        users.user_id,
        users.feature_flag,
        users.assignment_probability,
        first_sessions.started_at_ms,
        {{ epoch_ms('users.signup_date') }} + {{ setting('feed_pre_days') * 86400000 }}
            as assigned_at_ms,
        {{ bernoulli(
            'users.user_key', 'feed.exposures.multi_variant', setting('multi_variant_rate')
        ) }} as is_multi_variant,
        {{ integers(
            'users.user_key', 'feed.exposures.second_exposure', 1000, 86400000
        ) }} as second_exposure_ms,
        {{ delivery_delay_ms('users.user_key', 'feed.exposures.delivery') }}
            as delay_ms,
        {{ uniform('users.user_key', 'feed.exposures.defect') }} as defect_draw

    from users
    inner join first_sessions on users.user_number = first_sessions.user_number

),

logged as (

    select
        variants.experiment_id,
        drawn.user_id,
        variants.variant,
        drawn.assignment_probability,
        drawn.assigned_at_ms,
        drawn.started_at_ms + case
            when variants.variant = drawn.feature_flag then 0
            else drawn.second_exposure_ms
        end as exposed_at_ms,
        drawn.delay_ms,
        drawn.defect_draw,
        variants.variant = drawn.feature_flag as is_assigned

    from drawn
    cross join variants

    where variants.variant = drawn.feature_flag or drawn.is_multi_variant

)

select
    experiment_id,
    cast(user_id as {{ dbt.type_string() }}) as unit_id,
    variant,
    assignment_probability,
    -- the dirt falls on the row of the assigned variant
    case when is_assigned then defect_draw else 1 end as defect_draw,
    is_assigned,
    {{ timestamp_from_ms('assigned_at_ms') }} as assigned_at,
    {{ timestamp_from_ms('exposed_at_ms') }} as exposed_at,
    {{ timestamp_from_ms('exposed_at_ms + delay_ms') }} as received_at

from logged
