-- one row per training example: how probable its label was
with

examples as (

    select * from {{ ref('truth_shop__examples') }}

),

views_again as (

    select * from {{ ref('truth_shop__views_again') }}

),

-- the probability that an item viewed again goes into the cart, and is bought there
tried as (

    select
        examples.session_id,
        examples.item_id,
        examples.sessions_in_cart,
        views_again.future_number,
        views_again.lag,
        examples.cart_probability * (
            examples.scroll_probability
            + power(
                1 - examples.scroll_probability,
                cast(views_again.item_count as double)
            )
        ) as cart_probability,
        case
            when views_again.day >= {{ shop_experiment_day() }}
                then examples.later_purchase_probability
            else examples.purchase_probability
        end as purchase_probability

    from views_again
    inner join examples
        on
            views_again.session_id = examples.session_id
            and views_again.item_id = examples.item_id

),

aggregated_to_future as (

    select
        session_id,
        item_id,
        future_number,
        max(sessions_in_cart) as sessions_in_cart,
        {%- for lag in [1, 2, 3] %}
        coalesce(max(case when lag = {{ lag }} then cart_probability end), 0)
            as cart_{{ lag }},
        coalesce(max(case when lag = {{ lag }} then purchase_probability end), 0)
            as purchase_{{ lag }}{{ ',' if not loop.last }}
        {%- endfor %}

    from tried

    group by session_id, item_id, future_number

),

-- unbought_<lag>_<n>: the probability that the item is not bought from that session on,
-- if it then lies in the cart for n more sessions; backwards from the last
in_the_third as (

    select
        *,
        cart_3 * (1 - purchase_3) + (1 - cart_3) as unbought_3_0,
        cart_3 * (1 - purchase_3) + (1 - cart_3) * {{ shop_stays() }} as unbought_3_1

    from aggregated_to_future

),

in_the_second as (

    select
        *,
        cart_2 * (1 - purchase_2)
        * {{ shop_left('unbought_3_0', 'unbought_3_1') }} as carted_2

    from in_the_third

),

from_the_second as (

    select
        *,
        carted_2 + (1 - cart_2) * unbought_3_0 as unbought_2_0,
        carted_2 + (1 - cart_2) * {{ shop_stays() }} * unbought_3_0 as unbought_2_1,
        carted_2 + (1 - cart_2) * {{ shop_stays() }} * unbought_3_1 as unbought_2_2

    from in_the_second

),

from_the_first as (

    select
        session_id,
        item_id,
        cart_1 * (1 - purchase_1) * {{ shop_left('unbought_2_0', 'unbought_2_2') }}
        + (1 - cart_1) * case sessions_in_cart
            when 0 then unbought_2_0
            when 1 then {{ shop_stays() }} * unbought_2_0
            when 2 then {{ shop_stays() }} * unbought_2_1
            else {{ shop_stays() }} * unbought_2_2
        end as unbought

    from from_the_second

),

viewed_again as (

    select
        session_id,
        item_id,
        count(*) as future_count,
        cast(sum(cast(floor(1000000000 * (1 - unbought)) as bigint)) as bigint)
            as probability_ppb

    from from_the_first

    group by session_id, item_id

),

not_viewed_again as (

    select
        user_id,
        session_id,
        item_id,
        sessions_in_cart,
        cast(
            floor(1000000000 * (1 - power(
                cast({{ shop_stays() }} as double), cast(sessions_in_cart as double)
            ))) as bigint
        ) as probability_ppb

    from examples

),

averaged as (

    select
        example.user_id,
        example.session_id,
        example.item_id,
        example.sessions_in_cart,
        coalesce(viewed_again.future_count, 0) as viewed_again_count,
        coalesce(viewed_again.probability_ppb, 0) + example.probability_ppb
        * ({{ setting('shop_futures') }} - coalesce(viewed_again.future_count, 0))
            as probability_sum_ppb

    from not_viewed_again as example
    left join viewed_again
        on
            example.session_id = viewed_again.session_id
            and example.item_id = viewed_again.item_id

)

select
    user_id,
    session_id,
    item_id,
    sessions_in_cart,
    viewed_again_count,
    cast(probability_sum_ppb as double) / {{ 1000000000 * setting('shop_futures') }}
        as true_probability

from averaged
