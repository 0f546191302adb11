-- one row per delivered user record, defects included
with

tracked as (

    {{ with_defects(
        'raw_feed__users',
        generated=ref('gen_feed__users'),
        defects=ref('gen_feed__user_defects'),
        columns=[
            'user_id',
            'signup_date',
            'engagement_score',
            'segment',
            'feature_flag',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('feed') }}

)

select * from delivered
