-- one row per delivered entry of the exposure log, defects included
with

tracked as (

    {{ with_defects(
        'raw_shop__exposures',
        generated=ref('gen_shop__exposures'),
        defects=ref('gen_shop__exposure_defects'),
        columns=exposure_columns()
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('shop') }}

)

select * from delivered
