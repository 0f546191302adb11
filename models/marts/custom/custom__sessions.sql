-- one row per session
with

sessions as (

    select * from {{ ref('int_custom__sessions') }}

),

described as (

    select
        session_id,
        user_id
        {%- for name in declared_columns('sessions') %},
        {{ name }}
        {%- endfor %},
        event_count,
        {%- for event in declared_names('events') %}
        {{ event }}_count,
        {%- endfor %}
        {%- for column, property in measured_numbers().items() %}
        {{ decimal_sum(column, property) }} as {{ column }},
        {%- endfor %}
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
