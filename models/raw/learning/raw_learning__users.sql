-- one row per delivered user record, defects included
with

users as (

    select
        user_id,
        signup_date,
        plan,
        case when is_paid then 1 else 0 end as is_paid,
        country,
        marketing_source,
        engagement_ppb / cast(1000000000 as double) as engagement_score,
        defect_draw,
        received_at

    from {{ ref('gen_learning__users') }}

),

tracked as (

    {{ with_defects(
        'raw_learning__users',
        generated='users',
        defects=ref('gen_learning__user_defects'),
        columns=[
            'user_id',
            'signup_date',
            'plan',
            'is_paid',
            'country',
            'marketing_source',
            'engagement_score',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('learning') }}

)

select * from delivered
