{{ config(tags=['monte_carlo']) }}

-- one row per training example: how probable its label was
with

examples as (

    select * from {{ ref('truth_shop__examples') }}

),

views_again as (

    select * from {{ ref('truth_shop__repeat_view_probabilities') }}

),

spread_over_lags as (

    select
        session_id,
        item_id,
        max(case when lag = 1 then view_probability end) as view_1,
        max(case when lag = 2 then view_probability end) as view_2,
        max(case when lag = 3 then view_probability end) as view_3,
        max(case when lag = 1 then cart_probability end) as cart_1,
        max(case when lag = 2 then cart_probability end) as cart_2,
        max(case when lag = 3 then cart_probability end) as cart_3,
        max(case when lag = 1 then day end) as day_1,
        max(case when lag = 2 then day end) as day_2,
        max(case when lag = 3 then day end) as day_3

    from views_again

    group by session_id, item_id

),

-- the sessions are independent, so what comes of each may be averaged before
described as (

    select
        examples.user_id,
        examples.session_id,
        examples.item_id,
        examples.sessions_in_cart,
        spread.view_1 + spread.view_2 + spread.view_3 as expected_view_count,
        spread.cart_1,
        spread.cart_2,
        spread.cart_3,
        case
            when spread.day_1 >= {{ shop_experiment_day() }}
                then examples.later_purchase_probability
            else examples.purchase_probability
        end as purchase_1,
        case
            when spread.day_2 >= {{ shop_experiment_day() }}
                then examples.later_purchase_probability
            else examples.purchase_probability
        end as purchase_2,
        case
            when spread.day_3 >= {{ shop_experiment_day() }}
                then examples.later_purchase_probability
            else examples.purchase_probability
        end as purchase_3

    from examples
    inner join spread_over_lags as spread
        on
            examples.session_id = spread.session_id
            and examples.item_id = spread.item_id

),

-- unbought_<lag>_<n>: the probability that the item is not bought from that session on,
-- if it then lies in the cart for n more sessions; backwards from the last
in_the_third as (

    select
        *,
        cart_3 * (1 - purchase_3) + (1 - cart_3) as unbought_3_0,
        cart_3 * (1 - purchase_3)
        + (1 - cart_3) * {{ cart_retention_probability() }} as unbought_3_1

    from described

),

in_the_second as (

    select
        *,
        cart_2 * (1 - purchase_2)
        * {{ expected_if_unbought('unbought_3_0', 'unbought_3_1') }} as carted_2

    from in_the_third

),

from_the_second as (

    select
        *,
        carted_2 + (1 - cart_2) * unbought_3_0 as unbought_2_0,
        carted_2
        + (1 - cart_2) * {{ cart_retention_probability() }} * unbought_3_0
            as unbought_2_1,
        carted_2
        + (1 - cart_2) * {{ cart_retention_probability() }} * unbought_3_1
            as unbought_2_2

    from in_the_second

),

from_the_first as (

    select
        user_id,
        session_id,
        item_id,
        sessions_in_cart,
        expected_view_count,
        cart_1 * (1 - purchase_1)
        * {{ expected_if_unbought('unbought_2_0', 'unbought_2_2') }}
        + (1 - cart_1) * case sessions_in_cart
            when 0 then unbought_2_0
            when 1 then {{ cart_retention_probability() }} * unbought_2_0
            when 2 then {{ cart_retention_probability() }} * unbought_2_1
            else {{ cart_retention_probability() }} * unbought_2_2
        end as unbought

    from from_the_second

)

select
    user_id,
    session_id,
    item_id,
    sessions_in_cart,
    expected_view_count,
    1 - unbought as true_probability

from from_the_first
