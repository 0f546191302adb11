{{ config(materialized=large_view_or_table()) }}

-- one row per arrival: how long a session of it can last, whatever is bought in it
with

arrivals as (

    select
        session_key,
        item_count,
        scroll_probability,
        cart_probability

    from {{ ref('gen_shop__arrivals') }}

),

shape as (

    select * from {{ ref('gen_shop__catalogue_ranges') }}

),

expanded_to_visits as (

    select
        arrivals.session_key,
        arrivals.scroll_probability,
        arrivals.cart_probability,
        shape.view_from,
        shape.view_to,
        shape.scroll_from,
        shape.scroll_to,
        shape.cart_from,
        shape.cart_to,
        shape.purchase_from,
        shape.purchase_to,
        {{ unnest_range(0, 'arrivals.item_count') }} as position

    from arrivals
    cross join shape

),

visits as (

    {{ shop_visits('expanded_to_visits') | indent(4) }}

),

aggregated_to_session as (

    select
        session_key,
        cast(sum(case when is_scrolled then 1 else 0 end) as bigint) as scroll_count,
        cast(sum(view_tenths + scroll_tenths) as bigint) as look_tenths,
        cast(
            sum(case when is_cart_drawn and is_scrolled then cart_tenths else 0 end)
            as bigint
        ) as cart_tenths,
        cast(
            sum(case when is_cart_drawn and is_scrolled then purchase_tenths else 0 end)
            as bigint
        ) as purchase_tenths,
        cast(
            sum(case when is_cart_drawn then cart_tenths else 0 end) as bigint
        ) as unscrolled_cart_tenths,
        cast(
            sum(case when is_cart_drawn then purchase_tenths else 0 end) as bigint
        ) as unscrolled_purchase_tenths

    from visits

    group by session_key

),

-- where nothing was scrolled, any viewed item can go into the cart
lengths as (

    select
        session_key,
        scroll_count,
        100 * (
            look_tenths
            + case
                when scroll_count > 0 then cart_tenths
                else unscrolled_cart_tenths
            end
        ) as browse_ms,
        100 * case
            when scroll_count > 0 then purchase_tenths
            else unscrolled_purchase_tenths
        end as longest_checkout_ms

    from aggregated_to_session

)

select * from lengths
