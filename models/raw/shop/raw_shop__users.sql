-- one row per delivered user record, defects included
with

tracked as (

    {{ with_defects(
        'raw_shop__users',
        generated=ref('gen_shop__users'),
        defects=ref('gen_shop__user_defects'),
        columns=[
            'user_id',
            'persona',
            'sessions_per_week',
            'registration_date',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('shop') }}

)

select * from delivered
