-- one row per delivered entry of the exposure log, defects included
with

tracked as (

    {{ with_defects(
        'raw_learning__exposures',
        generated=ref('gen_learning__exposures'),
        defects=ref('gen_learning__exposure_defects'),
        columns=exposure_columns()
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('learning') }}

)

select * from delivered
