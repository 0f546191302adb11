-- one row per conversion and session of its visitor that may have led to it
with

conversions as (

    select * from {{ ref('stg_search__conversions') }}

),

sessions as (

    select * from {{ ref('int_search__sessions') }}

),

converted as (

    select
        event_id as conversion_event_id,
        coalesce(user_id, cast(anonymous_id as {{ dbt.type_string() }})) as unit_id,
        {{ cents('booking_value') }} as booking_value_cents,
        {{ cents('commission') }} as commission_cents,
        timestamp as converted_at

    from conversions

),

touched as (

    select
        converted.conversion_event_id,
        sessions.session_id,
        sessions.utm_source,
        sessions.utm_campaign,
        converted.booking_value_cents,
        converted.commission_cents,
        {{ days_between('sessions.started_at', 'converted.converted_at') }}
            as age_days,
        sessions.started_at

    from converted
    inner join sessions
        on
            converted.unit_id = sessions.unit_id
            and converted.converted_at >= sessions.started_at

),

weighed as (

    select
        *,
        cast(floor(
            1000000 * power(
                2e0,
                -age_days
                / {{ double_literal(setting('search_attribution_half_life_days')) }}
            )
            + 0.5e0
        ) as bigint) as decay_weight

    from touched

    where age_days < {{ setting('search_attribution_days') }}

),

numbered as (

    select
        conversion_event_id,
        session_id,
        utm_source,
        utm_campaign,
        booking_value_cents,
        commission_cents,
        age_days,
        decay_weight,
        row_number() over (
            partition by conversion_event_id order by started_at, session_id
        ) as touch_number,
        count(*) over (partition by conversion_event_id) as touch_count,
        cast(sum(decay_weight) over (
            partition by conversion_event_id
            order by started_at, session_id rows unbounded preceding
        ) as bigint) as decay_weight_up_to,
        cast(sum(decay_weight) over (partition by conversion_event_id) as bigint)
            as decay_weight_total

    from weighed

)

select * from numbered
