-- one row per user who comes to the event that exposes to the user's experiment: the first time
with

users as (

    select
        user_number,
        trigger_number,
        experiment_from_day

    from {{ ref('gen_custom__users') }}

    where experiment_number is not null

),

steps as (

    select
        *,
        started_at_ms + elapsed_ms as event_ms

    from {{ ref('gen_custom__baseline_steps') }}

),

-- time, days since the session's, session and event in one integer, of which the smallest is the first
triggered as (

    select
        steps.user_number,
        min(
            (
                (
                    (steps.event_ms - {{ epoch_ms_literal(world_start_date('custom')) }}) * 4
                    + {{ integer_quotient(
                        '(steps.event_ms - ' ~ epoch_ms_literal(world_start_date('custom')) ~ ')',
                        86400000
                    ) }} - steps.day_number
                ) * 2048 + steps.session_number
            ) * 2048 + steps.event_number
        ) as first_order

    from steps
    inner join users
        on
            steps.user_number = users.user_number
            and steps.state = users.trigger_number
            and steps.day_number >= users.experiment_from_day

    group by steps.user_number

),

unpacked as (

    select
        user_number,
        first_order % 2048 as event_number,
        {{ integer_quotient('first_order', 2048) }} % 2048 as session_number,
        {{ integer_quotient('first_order', 4194304) }} % 4 as days_later,
        {{ integer_quotient('first_order', 16777216) }} as ms_of_world

    from triggered

),

dated as (

    select
        user_number,
        event_number,
        session_number,
        {{ integer_quotient('ms_of_world', 86400000) }} - days_later as session_day,
        {{ integer_quotient('ms_of_world', 86400000) }} as exposure_day,
        {{ epoch_ms_literal(world_start_date('custom')) }} + ms_of_world as exposed_at_ms

    from unpacked

)

select * from dated
