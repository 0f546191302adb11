-- one row per purchase or removal of the assigned variant, after the session's views
with

outcomes as (

    select * from {{ ref('gen_shop__cart_outcomes') }}

    where is_assigned and outcome != 'left'

),

returns as (

    select * from {{ ref('gen_shop__returns') }}

    where is_assigned

),

sessions as (

    select
        first_event_id,
        browse_ms

    from {{ ref('gen_shop__sessions') }}

),

-- numbers of events: four for each viewed item, then 128 for each earlier session
checkouts as (

    select
        first_event_id,
        4 * position + 3 as event_number,
        outcome as event_type,
        item_number,
        case when outcome = 'purchase' then purchase_tenths else remove_tenths end
            as duration_tenths

    from outcomes

    union all

    select
        first_event_id,
        384 + 128 * return_lag + position as event_number,
        'purchase' as event_type,
        item_number,
        return_tenths as duration_tenths

    from returns

),

lined_up as (

    select
        *,
        cast(
            coalesce(
                sum(duration_tenths) over (
                    partition by first_event_id order by event_number
                    rows between unbounded preceding and 1 preceding
                ), 0
            ) as bigint
        ) as checkout_tenths

    from checkouts

),

timed as (

    select
        lined_up.first_event_id,
        lined_up.event_number,
        lined_up.event_type,
        lined_up.item_number,
        lined_up.duration_tenths,
        sessions.browse_ms + 100 * lined_up.checkout_tenths as offset_ms

    from lined_up
    inner join sessions on lined_up.first_event_id = sessions.first_event_id

)

select * from timed
