-- one row per delivered entry of the exposure log, defects included
with

tracked as (

    {{ with_defects(
        'raw_feed__exposures',
        generated=ref('gen_feed__exposures'),
        defects=ref('gen_feed__exposure_defects'),
        columns=[
            'experiment_id',
            'unit_id',
            'variant',
            'assignment_probability',
            'assigned_at',
            'exposed_at',
            'received_at',
        ]
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('feed') }}

)

select * from delivered
