-- one row per session; when it happens does not depend on the variant
with

schedule as (

    select * from {{ ref('gen_shop__schedule') }}

),

users as (

    select * from {{ ref('gen_shop__users') }}

),

masses as (

    select * from {{ ref('gen_shop__category_masses') }}

),

described as (

    select
        {{ pack_event_id(
            'schedule.user_number', 'schedule.day', 'schedule.arrival_number', 0
        ) }} as first_event_id,
        schedule.*,
        users.user_id,
        concat(
            users.user_id,
            {{ numbered_id('_session_', 'schedule.session_number', 4) }}
        ) as session_id,
        users.variant,
        users.persona_number,
        users.price_level,
        users.affinity_0 * masses.mass_0 as liking_0,
        users.affinity_1 * masses.mass_1 as liking_1,
        users.affinity_2 * masses.mass_2 as liking_2,
        users.affinity_3 * masses.mass_3 as liking_3,
        users.affinity_4 * masses.mass_4 as liking_4

    from schedule
    left join users on schedule.user_number = users.user_number
    left join masses
        on schedule.day = masses.day and users.price_level = masses.price_level

),

totalled as (

    select
        *,
        liking_0 + liking_1 + liking_2 + liking_3 + liking_4 as liking

    from described

),

sessions as (

    select
        first_event_id,
        session_key,
        user_number,
        day,
        arrival_number,
        session_number,
        user_id,
        session_id,
        variant,
        persona_number,
        price_level,
        item_count,
        scroll_count,
        scroll_probability,
        cart_probability,
        liking_0 / liking as category_cut_0,
        (liking_0 + liking_1) / liking as category_cut_1,
        (liking_0 + liking_1 + liking_2) / liking as category_cut_2,
        (liking_0 + liking_1 + liking_2 + liking_3) / liking as category_cut_3,
        liking,
        started_at_ms,
        browse_ms

    from totalled

)

select * from sessions
