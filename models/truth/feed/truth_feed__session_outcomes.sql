-- one row per session from the exposure on and variant: card views and different cards
with

sessions as (

    select * from {{ ref('gen_feed__sessions') }}

    where day_since_exposure >= 0

),

cards as (

    select * from {{ ref('gen_feed__content_aliases') }}

),

-- views have the same numbers under every variant, and with them the same cards
aggregated_to_session as (

    select
        session_key,
        max(card_view_count) as card_view_count

    from sessions

    group by session_key

),

expanded_to_views as (

    select
        session_key,
        {{ unnest_range(1, 'card_view_count + 1') }} as view_number

    from aggregated_to_session

),

keyed as (

    select
        session_key,
        view_number,
        {{ fold_in('session_key', 'view_number') }} as event_key

    from expanded_to_views

),

drawn as (

    select
        session_key,
        view_number,
        {{ feed_content_position('event_key') }} as content_position

    from keyed

),

viewed as (

    select
        drawn.session_key,
        drawn.view_number,
        case
            when drawn.content_position - cards.bucket < cards.own_share
                then cards.content_id
            else cards.alias_content_id
        end as content_id

    from drawn
    left join cards on cast(floor(drawn.content_position) as bigint) = cards.bucket

),

views_aggregated_to_card as (

    select
        session_key,
        content_id,
        min(view_number) as first_view_number

    from viewed

    group by session_key, content_id

),

-- counted behind the join: Sail 0.7 finds one row alone where a join compares as well
aggregated_to_variant as (

    select
        max(sessions.user_id) as user_id,
        sessions.session_key,
        sessions.variant,
        max(sessions.card_view_count) as card_view_count,
        count(
            case when sessions.card_view_count >= seen.first_view_number then 1 end
        ) as distinct_content_count,
        max(sessions.started_at_ms) as started_at_ms

    from sessions
    inner join views_aggregated_to_card as seen
        on sessions.session_key = seen.session_key

    group by sessions.session_key, sessions.variant

)

select * from aggregated_to_variant
