-- one row per user
with

run as (

    select * from {{ ref('gen__run') }}

),

personas as (

    select * from {{ ref('gen_shop__personas') }}

),

variants as (

    select * from {{ ref('shop_variants') }}

),

world as (

    select {{ bits('run.root_key', 'shop.world') }} as world_key

    from run

),

arms as (

    select
        sum(case when is_treated then share end) as treated_share,
        max(case when not is_treated then variant end) as control_variant

    from variants

),

-- those who are treated are divided among the treatments by a draw of its own
treatments as (

    select
        variant,
        (sum(share) over (order by variant rows unbounded preceding) - share)
        / sum(share) over () as draw_from,
        case
            when row_number() over (order by variant desc) = 1 then cast(1 as double)
            else
                sum(share) over (order by variant rows unbounded preceding)
                / sum(share) over ()
        end as draw_below

    from variants

    where is_treated

),

price_levels as (

    select
        price_level,
        sum(share) over (order by price_level rows unbounded preceding) - share
            as draw_from,
        case
            when row_number() over (order by price_level desc) = 1
                then cast(1 as double)
            else sum(share) over (order by price_level rows unbounded preceding)
        end as draw_below

    from {{ ref('shop_price_levels') }}

),

keyed as (

    select
        series.user_number,
        {{ fold_in('world.world_key', 'series.user_number') }} as user_key

    from {{ user_numbers('shop') }} as series
    cross join world

),

drawn as (

    select
        user_number,
        user_key,
        {{ uniform('user_key', 'shop.users.persona') }} as persona_draw,
        {{ normal('user_key', 'shop.users.sessions_per_week') }} as rate_z,
        {{ epoch_ms_literal(world_end_date('shop')) }} - 1 - cast(
            floor(86400000 * least(
                {{ exponential(
                    'user_key', 'shop.users.registration',
                    setting('shop_history_mean_days')
                ) }},
                {{ setting('shop_history_max_days') }}
            )) as bigint
        ) as registered_at_ms,
        {{ uniform('user_key', 'shop.users.price_level') }} as price_level_draw,
        {%- for number in [0, 1, 2, 3, 4] %}
            -- a millionth keeps every category possible
            (
                floor(1000000 * power(
                    {{ exponential(
                        'user_key', 'shop.users.affinity', 1, counter=number
                    ) }},
                    cast({{ shop_setting('shop_affinity_strength') }} as double)
                )) + 1
            ) / 1000000 as affinity_{{ number }},
        {%- endfor %}
        {{ uniform('user_key', 'shop.users.variant') }} as variant_draw,
        {{ uniform('user_key', 'shop.users.treatment') }} as treatment_draw,
        {{ delivery_delay_ms('user_key', 'shop.users.delivery') }} as delay_ms,
        {{ uniform('user_key', 'shop.users.defect') }} as defect_draw

    from keyed

),

described as (

    select
        drawn.*,
        personas.persona_number,
        personas.persona,
        -- the standard deviation is 0.3 of the mean, as documented
        case
            when personas.has_whole_rate
                then greatest(
                    floor(personas.sessions_per_week * (1 + 0.3 * drawn.rate_z)),
                    cast(1 as double)
                )
            else greatest(
                floor(
                    1000000 * personas.sessions_per_week * (1 + 0.3 * drawn.rate_z)
                ), cast(1 as double)
            ) / 1000000
        end as sessions_per_week,
        price_levels.price_level,
        case
            when drawn.variant_draw < arms.treated_share then treatments.variant
            else arms.control_variant
        end as variant

    from drawn
    left join personas
        on
            drawn.persona_draw >= personas.draw_from
            and drawn.persona_draw < personas.draw_below
    left join price_levels
        on
            drawn.price_level_draw >= price_levels.draw_from
            and drawn.price_level_draw < price_levels.draw_below
    left join treatments
        on
            drawn.treatment_draw >= treatments.draw_from
            and drawn.treatment_draw < treatments.draw_below
    cross join arms

),

users as (

    select
        user_number,
        user_key,
        {{ numbered_id('user_', 'user_number', 6) }} as user_id,
        persona,
        variant,
        persona_number,
        price_level,
        sessions_per_week,
        affinity_0,
        affinity_1,
        affinity_2,
        affinity_3,
        affinity_4,
        defect_draw,
        registered_at_ms,
        {{ timestamp_from_ms('registered_at_ms') }} as registration_date,
        {{ timestamp_from_ms('registered_at_ms + delay_ms') }} as received_at

    from described

),

happened as (

    select * from users

    where {{ delivered('shop', 'registration_date') }}

)

select * from happened
