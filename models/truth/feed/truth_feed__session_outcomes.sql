{{ config(materialized='view') }}

-- one row per session in either arm: card views and different cards viewed in each
with

sessions as (

    select * from {{ ref('truth_feed__session_arms') }}

),

cards as (

    select * from {{ ref('gen_feed__content_aliases') }}

),

-- views have the same numbers in both arms, and with them the same cards
expanded_to_views as (

    select
        user_number,
        day_since_exposure,
        session_key,
        y0_card_view_count,
        y1_card_view_count,
        {{ unnest_range(1, 'greatest(y0_card_view_count, y1_card_view_count) + 1') }}
            as view_number

    from sessions

),

keyed as (

    select
        expanded_to_views.*,
        {{ fold_in('session_key', 'view_number') }} as event_key

    from expanded_to_views

),

drawn as (

    select
        *,
        {{ feed_content_position('event_key') }} as content_position

    from keyed

),

viewed as (

    select
        drawn.user_number,
        drawn.day_since_exposure,
        drawn.y0_card_view_count,
        drawn.y1_card_view_count,
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
        user_number,
        day_since_exposure,
        y0_card_view_count,
        y1_card_view_count,
        content_id,
        min(view_number) as first_view_number

    from viewed

    group by
        user_number, day_since_exposure, y0_card_view_count, y1_card_view_count,
        content_id

),

aggregated_to_session as (

    select
        user_number,
        day_since_exposure,
        y0_card_view_count,
        y1_card_view_count,
        count(case when first_view_number <= y0_card_view_count then 1 end)
            as y0_distinct_content_count,
        count(case when first_view_number <= y1_card_view_count then 1 end)
            as y1_distinct_content_count

    from views_aggregated_to_card

    group by user_number, day_since_exposure, y0_card_view_count, y1_card_view_count

)

select * from aggregated_to_session
