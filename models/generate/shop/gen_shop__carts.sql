-- one row per session and item put into the cart in it
with

views as (

    select * from {{ ref('gen_shop__views') }}

    where cart_tenths > 0

),

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

shape as (

    select * from {{ ref('gen_shop__catalogue_ranges') }}

),

keyed as (

    select
        views.first_event_id,
        views.position,
        sessions.user_number,
        sessions.session_number,
        sessions.day,
        sessions.persona_number,
        sessions.variant,
        views.item_number,
        views.purchase_tenths,
        shape.remove_from,
        shape.remove_to,
        shape.purchase_from,
        shape.purchase_to,
        {{ fold_in('sessions.session_key', 'views.position') }} as cart_key

    from views
    inner join sessions on views.first_event_id = sessions.first_event_id
    cross join shape

),

carts as (

    select
        first_event_id,
        position,
        user_number,
        session_number,
        day,
        persona_number,
        variant as assigned_variant,
        item_number,
        {{ uniform('cart_key', 'shop.carts.purchase') }} as purchase_draw,
        {{ bernoulli(
            'cart_key', 'shop.carts.remove', shop_setting('shop_remove_probability')
        ) }} as is_removed_if_left,
        -- the first of the next three sessions in which an item left behind is bought
        case
            {%- for lag in [1, 2, 3] %}
                when {{ bernoulli(
                    'cart_key', 'shop.carts.return',
                    shop_setting('shop_return_purchase_probability'), counter=lag
                ) }}
                    then {{ lag }}
            {%- endfor %}
        end as return_lag,
        purchase_tenths,
        {{ integers(
            'cart_key', 'shop.carts.remove_tenths', 'remove_from', 'remove_to + 1'
        ) }} as remove_tenths,
        {{ integers(
            'cart_key', 'shop.carts.return_tenths', 'purchase_from', 'purchase_to + 1'
        ) }} as return_tenths

    from keyed

)

select * from carts
