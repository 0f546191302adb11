-- one row per carted item and variant: what comes of it in the same session
with

carts as (

    select * from {{ ref('gen_shop__carts') }}

),

personas as (

    select * from {{ ref('gen_shop__personas') }}

),

variants as (

    select * from {{ ref('shop_variants') }}

),

decided as (

    select
        carts.first_event_id,
        carts.position,
        variants.variant,
        variants.variant = carts.assigned_variant as is_assigned,
        carts.user_number,
        carts.session_number,
        carts.item_number,
        carts.is_removed_if_left,
        carts.return_lag,
        carts.purchase_tenths,
        carts.remove_tenths,
        carts.return_tenths,
        carts.purchase_draw < case
            when carts.day >= {{ shop_experiment_day() }}
                then {{ shop_purchase_probability('personas', 'variants') }}
            else personas.purchase_probability
        end as is_purchased

    from carts
    left join personas on carts.persona_number = personas.persona_number
    cross join variants

),

outcomes as (

    select
        first_event_id,
        position,
        variant,
        case
            when is_purchased then 'purchase'
            when is_removed_if_left then 'remove_from_cart'
            else 'left'
        end as outcome,
        is_assigned,
        user_number,
        session_number,
        item_number,
        return_lag,
        purchase_tenths,
        remove_tenths,
        return_tenths

    from decided

)

select * from outcomes
