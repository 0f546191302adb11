{{ config(materialized=large_view_or_table()) }}

-- one row per possible user: the draws that the user is made of
with

run as (

    select * from {{ ref('gen__run') }}

),

world as (

    select {{ bits('run.root_key', 'learning.world') }} as world_key

    from run

),

keyed as (

    select
        series.user_number,
        {{ fold_in('world.world_key', 'series.user_number') }} as user_key

    from {{ user_numbers('learning') }} as series
    cross join world

),

engagement_drawn as (

    {{ beta(
        'keyed', 'user_key', 'learning.users.engagement',
        setting('learning_engagement_a'), setting('learning_engagement_b'), 'engagement'
    ) }}

),

drawn as (

    select
        user_number,
        user_key,
        cast(floor(engagement * 1000000000) as bigint) as engagement_ppb,
        {{ uniform('user_key', 'learning.users.plan') }} as plan_draw,
        {{ uniform('user_key', 'learning.users.country') }} as country_draw,
        {{ uniform('user_key', 'learning.users.marketing_source') }} as source_draw,
        case
            when {{ bernoulli(
                'user_key', 'learning.users.signup_during_window',
                setting('learning_signup_during_window')
            ) }}
                then {{ integers(
                    'user_key', 'learning.users.later_signup_day',
                    0, setting('learning_days')
                ) }}
            else -{{ integers(
                'user_key', 'learning.users.signup_day',
                0, [30, setting('learning_days') // 3] | max
            ) }}
        end as signup_day,
        cast(
            floor(1000000000 * {{ uniform('user_key', 'learning.users.churn') }})
            as bigint
        ) as churn_draw_ppb,
        {{ uniform('user_key', 'learning.users.churn_day') }} as churn_day_draw,
        {{ uniform('user_key', 'learning.users.payment_failure') }}
            as payment_failure_draw,
        {{ uniform('user_key', 'learning.users.payment_failure_day') }}
            as payment_failure_day_draw,
        {{ uniform('user_key', 'learning.users.ticket') }} as ticket_draw,
        {{ uniform('user_key', 'learning.users.ticket_day') }} as ticket_day_draw,
        {{ bernoulli('user_key', 'learning.users.variant', 0.5) }} as is_treated,
        {{ delivery_delay_ms('user_key', 'learning.users.delivery') }} as delay_ms,
        {{ uniform('user_key', 'learning.users.defect') }} as defect_draw

    from engagement_drawn

)

select * from drawn
