-- one row per session that is followed by three more: what is known at its end
with

categories as (

    select * from {{ ref('int_shop__session_categories') }}

),

sessions as (

    select * from {{ ref('int_shop__sessions') }}

),

users as (

    select
        user_id,
        {{ epoch_ms('registration_date') }} as registered_at_ms

    from {{ ref('stg_shop__users') }}

),

aggregated_to_session as (

    select
        session_id,
        user_id,
        {%- for days in [1, 7, 30] %}
            cast(sum(view_count_{{ days }}d) as bigint) as view_count_{{ days }}d,
            cast(sum(scroll_count_{{ days }}d) as bigint) as scroll_count_{{ days }}d,
            cast(sum(cart_count_{{ days }}d) as bigint) as cart_count_{{ days }}d,
            cast(sum(purchase_count_{{ days }}d) as bigint)
                as purchase_count_{{ days }}d,
            cast(sum(viewed_item_count_{{ days }}d) as bigint)
                as viewed_item_count_{{ days }}d,
            count(case when view_count_{{ days }}d > 0 then 1 end)
                as viewed_category_count_{{ days }}d,
        {%- endfor %}
        cast(sum(viewed_cents_30d) as bigint) as viewed_cents_30d,
        cast(sum(purchased_cents_30d) as bigint) as purchased_cents_30d,
        cast(sum(discounted_view_count_30d) as bigint) as discounted_view_count_30d,
        min(last_view_age_ms) as last_view_age_ms,
        min(last_scroll_age_ms) as last_scroll_age_ms,
        min(last_cart_age_ms) as last_cart_age_ms,
        min(last_purchase_age_ms) as last_purchase_age_ms

    from categories

    group by session_id, user_id

),

described as (

    select
        features.*,
        sessions.session_number,
        sessions.view_count as session_view_count,
        sessions.scroll_count as session_scroll_count,
        sessions.cart_count as session_cart_count,
        sessions.distinct_item_count as session_item_count,
        sessions.distinct_category_count as session_category_count,
        sessions.viewed_cents as session_viewed_cents,
        sessions.bounce_count,
        sessions.ended_at_ms - sessions.started_at_ms as session_ms,
        sessions.ended_at_ms - users.registered_at_ms as registered_for_ms,
        sessions.started_at_ms,
        sessions.ended_at_ms

    from aggregated_to_session as features
    inner join sessions on features.session_id = sessions.session_id
    inner join users on features.user_id = users.user_id

)

select * from described
