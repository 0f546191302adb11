-- one row per session: the items viewed in it, and when
with

sessions as (

    select * from {{ ref('gen_shop__sessions') }}

),

shape as (

    select * from {{ ref('gen_shop__catalogue_ranges') }}

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

keyed as (

    select
        sessions.session_key,
        sessions.scroll_count,
        sessions.scroll_probability,
        sessions.cart_probability,
        chosen.item_numbers,
        {{ list_map(
            list_range(0, 'sessions.item_count'), 'position',
            fold_in('sessions.session_key', 'position')
        ) }} as item_keys

    from sessions
    inner join chosen on sessions.session_key = chosen.session_key

),

visited as (

    select
        keyed.session_key,
        keyed.scroll_count,
        keyed.item_numbers,
        {{ list_map(
            'keyed.item_keys', 'item_key', named_struct(shop_visit('item_key'))
        ) }} as visits

    from keyed
    cross join shape

),

timed as (

    select
        visited.session_key,
        visited.item_numbers,
        {{ list_map(
            'visited.visits', 'visit',
            shop_cart_tenths('visit.') ~ ' + visit.view_tenths + visit.scroll_tenths'
        ) }} as visit_tenths

    from visited

),

choices as (

    select
        session_key,
        item_numbers,
        {{ list_totals_before('visit_tenths') }} as offsets_tenths

    from timed

)

select * from choices
