-- one row per delivered entry of the exposure log, defects included
with

tracked as (

    {{ with_defects(
        'raw_feed__exposures',
        generated=ref('gen_feed__exposures'),
        defects=ref('gen_feed__exposure_defects'),
        columns=exposure_columns()
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('feed') }}

)

select * from delivered
