-- one row per user
with

run as (

    select * from {{ ref('gen__run') }}

),

segments as (

    {{ parameters('segments') }}

),

experiments as (

    {{ parameters('running') }}

),

variants as (

    {{ parameters('variants') }}

),

signup_days as (

    select * from {{ ref('gen_custom__signup_aliases') }}

),

keyed as (

    select
        series.user_number,
        {{ fold_in(bits('run.root_key', 'custom.world'), 'series.user_number') }}
            as user_key

    from {{ user_numbers('custom') }} as series
    cross join run

),

drawn as (

    select
        user_number,
        user_key,
        {{ uuid4('user_key', 'custom.users.user_id') }} as user_id,
        {{ integers('user_key', 'custom.users.segment', 0, 1000000000) }}
            as segment_draw_ppb,
        {{ declaration()['signups_before_days'] + setting('custom_days') }}
        * {{ uniform('user_key', 'custom.users.signup_day') }} as signup_position,
        {{ integers('user_key', 'custom.users.experiment', 0, 1000000000) }}
            as experiment_draw_ppb,
        {{ integers('user_key', 'custom.users.variant', 0, 1000000000) }}
            as variant_draw_ppb,
        {{ uniform('user_key', 'custom.users.stay') }} as stay_draw,
        cast(
            floor(
                1000000 * {{ lognormal(
                    'user_key', 'custom.users.rate',
                    double_literal(0 - declaration()['activity_spread'] ** 2 / 2),
                    double_literal(declaration()['activity_spread'])
                ) }} + 0.5
            ) as bigint
        ) as rate_factor_ppm,
        {{ delivery_delay_ms('user_key', 'custom.users.delivery') }} as delay_ms,
        {{ uniform('user_key', 'custom.users.defect') }} as defect_draw

    from keyed

),

segmented as (

    select
        drawn.*,
        segments.segment_number,
        segments.segment as latent_segment,
        segments.sessions_per_active_day,
        case
            when drawn.signup_position - signup_days.bucket < signup_days.own_share
                then signup_days.signup_day
            else signup_days.alias_signup_day
        end as signup_day

    from drawn
    inner join segments
        on
            drawn.segment_draw_ppb >= segments.draw_from
            and drawn.segment_draw_ppb < segments.draw_below
    inner join signup_days
        on cast(floor(drawn.signup_position) as bigint) = signup_days.bucket

),

assigned as (

    select
        segmented.*,
        experiments.experiment_number,
        experiments.experiment_id,
        experiments.trigger_number,
        experiments.from_day as experiment_from_day,
        variants.variant_number,
        variants.variant,
        variants.probability as assignment_probability,
        {{ epoch_ms_literal(world_start_date('custom')) }}
        + segmented.signup_day * 86400000 as signup_ms

    from segmented
    left join experiments
        on
            segmented.experiment_draw_ppb >= experiments.draw_from
            and segmented.experiment_draw_ppb < experiments.draw_below
    left join variants
        on
            experiments.experiment_number = variants.experiment_number
            and segmented.segment_number = variants.segment_number
            and segmented.variant_draw_ppb >= variants.draw_from
            and segmented.variant_draw_ppb < variants.draw_below

),

described as (

    {{ with_properties('assigned', 'user_key', 'users') }}

),

dated as (

    select
        user_number,
        user_key,
        user_id,
        latent_segment,
        {{- cast_properties('users') }}
        experiment_id,
        variant,
        segment_number,
        experiment_number,
        variant_number,
        trigger_number,
        experiment_from_day,
        signup_day,
        sessions_per_active_day,
        rate_factor_ppm,
        stay_draw,
        assignment_probability,
        defect_draw,
        {{ timestamp_from_ms('signup_ms') }} as signup_date,
        {{ timestamp_from_ms('signup_ms + delay_ms') }} as received_at

    from described

),

happened as (

    select * from dated

    where {{ delivered('custom', 'signup_date') }}

)

select * from happened
