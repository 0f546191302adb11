-- one row per session and item that its user has touched by the session's end.
-- Only sessions that are followed by three more.
with

sessions as (

    select
        session_id,
        user_id,
        started_at_ms,
        ended_at_ms

    from {{ ref('int_shop__sessions') }}

    where later_session_count >= 3

),

events as (

    select
        user_id,
        session_id,
        event_type,
        item_id,
        {{ epoch_ms('timestamp') }} as event_ms

    from {{ ref('stg_shop__events') }}

),

known as (

    select
        sessions.session_id,
        sessions.user_id,
        events.item_id,
        events.event_type,
        events.event_ms,
        sessions.ended_at_ms - events.event_ms as age_ms,
        events.session_id = sessions.session_id as is_of_session

    from sessions
    inner join events
        on
            sessions.user_id = events.user_id
            and sessions.ended_at_ms >= events.event_ms

),

aggregated_to_item as (

    select
        session_id,
        user_id,
        item_id,
        {%- for days in [1, 7, 30] %}
            count(
                case
                    when event_type = 'view' and age_ms < {{ days * 86400000 }}
                        then 1
                end
            ) as view_count_{{ days }}d,
            count(
                case
                    when event_type = 'scroll' and age_ms < {{ days * 86400000 }}
                        then 1
                end
            ) as scroll_count_{{ days }}d,
            count(
                case
                    when event_type = 'add_to_cart' and age_ms < {{ days * 86400000 }}
                        then 1
                end
            ) as cart_count_{{ days }}d,
            count(
                case
                    when event_type = 'purchase' and age_ms < {{ days * 86400000 }}
                        then 1
                end
            ) as purchase_count_{{ days }}d,
        {%- endfor %}
        count(case when event_type = 'view' then 1 end) as view_count,
        count(case when event_type = 'scroll' then 1 end) as scroll_count,
        count(case when event_type = 'add_to_cart' then 1 end) as cart_count,
        min(case when event_type = 'view' then age_ms end) as last_view_age_ms,
        min(case when event_type = 'scroll' then age_ms end) as last_scroll_age_ms,
        min(case when event_type = 'add_to_cart' then age_ms end) as last_cart_age_ms,
        min(case when event_type = 'purchase' then age_ms end) as last_purchase_age_ms,
        count(case when is_of_session and event_type = 'view' then 1 end)
            as session_view_count

    from known

    group by session_id, user_id, item_id

)

select * from aggregated_to_item
