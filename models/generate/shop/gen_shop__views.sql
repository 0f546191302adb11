-- one row per session and item viewed in it
with

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

choosing as (

    select
        session_key,
        user_number,
        day,
        price_level,
        item_count,
        category_cut_0,
        category_cut_1,
        category_cut_2,
        category_cut_3

    from {{ ref('gen_shop__sessions') }}

),

chosen as (

    {{ shop_choices('choosing') | indent(4) }}

),

described as (

    select
        sessions.first_event_id,
        chosen.session_key,
        chosen.position,
        chosen.item_number,
        sessions.scroll_count,
        sessions.scroll_probability,
        sessions.cart_probability

    from chosen
    inner join sessions on chosen.session_key = sessions.session_key

),

visits as (

    {{ shop_visits('described') | indent(4) }}

),

looked_at as (

    select
        first_event_id,
        position,
        item_number,
        view_tenths,
        case when is_scrolled then scroll_tenths else 0 end as scroll_tenths,
        case
            when is_cart_drawn and (is_scrolled or scroll_count = 0) then cart_tenths
            else 0
        end as cart_tenths,
        purchase_tenths

    from visits

),

lined_up as (

    select
        first_event_id,
        position,
        item_number,
        view_tenths,
        scroll_tenths,
        cart_tenths,
        case when cart_tenths > 0 then purchase_tenths else 0 end as purchase_tenths,
        cast(
            coalesce(
                sum(view_tenths + scroll_tenths + cart_tenths) over (
                    partition by first_event_id order by position
                    rows between unbounded preceding and 1 preceding
                ), 0
            ) as bigint
        ) as offset_tenths

    from looked_at

)

select * from lined_up
