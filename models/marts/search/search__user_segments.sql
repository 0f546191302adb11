-- one row per known user: the segment and an engagement score as of the last day
with

users as (

    select * from {{ ref('search__users') }}

),

aged as (

    select
        user_id,
        session_count,
        search_count,
        clicked_search_count,
        conversion_count,
        revenue,
        {{ days_between(
            'first_seen_at', timestamp_literal(last_delivered_date('search'))
        ) }} as days_since_first_seen,
        {{ days_between(
            'last_seen_at', timestamp_literal(last_delivered_date('search'))
        ) }} as days_since_last_seen,
        {{ epoch_ms_literal(last_delivered_date('search')) }} + 86400000
        - {{ epoch_ms('last_searched_at') }} as ms_since_search,
        {{ epoch_ms_literal(last_delivered_date('search')) }} + 86400000
        - {{ epoch_ms('last_converted_at') }} as ms_since_conversion

    from users

),

scored as (

    select
        *,
        -- hundredths of a point, so that the score is the same on every engine
        case when conversion_count > 0 then 3000 else 0 end
        + least(300 * session_count, 3000)
        + case
            when 10 * clicked_search_count > 3 * search_count then 2000
            else {{ integer_quotient('6000 * clicked_search_count', 'search_count') }}
        end
        + case
            when days_since_last_seen < 7 then 2000
            when days_since_last_seen < 14 then 1500
            when days_since_last_seen < 30 then 1000
            else 0
        end as score_hundredths

    from aged

),

segmented as (

    select
        user_id,
        case
            when revenue > 500 or conversion_count >= 5 then 'high_value'
            when days_since_first_seen <= 7 then 'new_user'
            when days_since_last_seen > 30 and conversion_count > 0 then 'at_risk'
            when
                ms_since_search <= 48 * 3600000
                and (ms_since_conversion is null or ms_since_conversion > 48 * 3600000)
                then 'abandoned_search'
            else 'regular'
        end as segment,
        session_count,
        conversion_count,
        revenue,
        {{ from_cents('score_hundredths') }} as user_engagement_score,
        greatest(days_since_first_seen, cast(0 as bigint)) as days_since_first_seen,
        greatest(days_since_last_seen, cast(0 as bigint)) as days_since_last_seen,
        cast({{ timestamp_literal(last_delivered_date('search')) }} as date)
            as as_of_date

    from scored

)

select * from segmented
