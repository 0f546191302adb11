-- one row per persona of the profile: the interval of the draw that makes it
with

personas as (

    select * from {{ ref('shop_personas') }}

    where profile = '{{ setting("shop_profile") }}'

),

cumulated as (

    select
        *,
        sum(share) over (order by persona_number rows unbounded preceding)
            as share_up_to,
        row_number() over (order by persona_number desc) = 1 as is_last

    from personas

)

select
    persona_number,
    persona,
    sessions_per_week,
    scroll_probability,
    cart_probability,
    purchase_probability,
    free_shipping_factor,
    share_up_to - share as draw_from,
    case when is_last then cast(1 as double) else share_up_to end as draw_below,
    has_whole_rate

from cumulated
