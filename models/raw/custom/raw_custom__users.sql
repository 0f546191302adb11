-- one row per delivered user record, defects included
with

tracked as (

    {{ with_defects(
        'raw_custom__users',
        generated=ref('gen_custom__users'),
        defects=ref('gen_custom__user_defects'),
        columns=(
            ['user_id', 'signup_date']
            + (declared_columns('users') | list)
            + ['received_at']
        )
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('custom') }}

)

select * from delivered
