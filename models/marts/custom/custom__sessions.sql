-- one row per session
with

sessions as (

    select * from {{ ref('int_custom__sessions') }}

),

described as (

    select
        session_id,
        user_id,
        {{- listed(declared_columns('sessions')) }}
        event_count,
        {{- listed(declared_names('events'), '{}_count') }}
        {{- decimal_sums() }}
        cast(
            cast(
                {{ epoch_ms('ended_at') }} - {{ epoch_ms('started_at') }}
                as decimal(18, 3)
            ) / 1000
            as decimal(12, 3)
        ) as duration_seconds,
        cast(started_at as date) as session_date,
        started_at,
        ended_at

    from sessions

)

select * from described
