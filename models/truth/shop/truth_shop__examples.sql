-- one row per training example, with what lies in the cart and what its user is like
with

training_set as (

    select
        session_id,
        item_id

    from {{ ref('shop__training_set') }}

),

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

items as (

    select * from {{ ref('gen_shop__items') }}

),

personas as (

    select * from {{ ref('gen_shop__personas') }}

),

variants as (

    select * from {{ ref('shop_variants') }}

),

outcomes as (

    select * from {{ ref('gen_shop__cart_outcomes') }}

    where is_assigned

),

numbered as (

    select
        sessions.first_event_id,
        sessions.user_number,
        sessions.session_number,
        sessions.user_id,
        training_set.session_id,
        training_set.item_id,
        items.item_number,
        personas.scroll_probability,
        personas.cart_probability,
        personas.purchase_probability,
        {{ shop_purchase_probability('personas', 'variants') }}
            as later_purchase_probability

    from training_set
    inner join sessions on training_set.session_id = sessions.session_id
    inner join items on training_set.item_id = items.item_id
    inner join personas on sessions.persona_number = personas.persona_number
    inner join variants on sessions.variant = variants.variant

),

-- only the latest cart counts
carted as (

    select
        numbered.first_event_id,
        numbered.item_number,
        max(outcomes.session_number) as cart_session_number

    from numbered
    inner join outcomes
        on
            numbered.user_number = outcomes.user_number
            and numbered.item_number = outcomes.item_number
            and numbered.session_number >= outcomes.session_number
            and numbered.session_number - 2 <= outcomes.session_number

    group by numbered.first_event_id, numbered.item_number

),

-- how many of the next three sessions still have the item in the cart
examples as (

    select
        numbered.*,
        case
            when
                outcomes.outcome = 'left'
                and coalesce(outcomes.return_lag, 99)
                > numbered.session_number - outcomes.session_number
                then 3 - (numbered.session_number - outcomes.session_number)
            else 0
        end as sessions_in_cart

    from numbered
    left join carted
        on
            numbered.first_event_id = carted.first_event_id
            and numbered.item_number = carted.item_number
    left join outcomes
        on
            numbered.user_number = outcomes.user_number
            and numbered.item_number = outcomes.item_number
            and carted.cart_session_number = outcomes.session_number

)

select * from examples
