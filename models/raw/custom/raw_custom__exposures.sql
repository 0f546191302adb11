-- one row per delivered entry of the exposure log, defects included
with

tracked as (

    {{ with_defects(
        'raw_custom__exposures',
        generated=ref('gen_custom__exposures'),
        defects=ref('gen_custom__exposure_defects'),
        columns=exposure_columns()
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('custom') }}

)

select * from delivered
