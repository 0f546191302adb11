-- one row per delivered entry of the exposure log, defects included
with

tracked as (

    {{ with_defects(
        'raw_search__exposures',
        generated=ref('gen_search__exposures'),
        defects=ref('gen_search__exposure_defects'),
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

    where {{ delivered('search') }}

)

select * from delivered
