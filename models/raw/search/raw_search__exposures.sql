-- one row per delivered entry of the exposure log, defects included
with

tracked as (

    {{ with_defects(
        'raw_search__exposures',
        generated=ref('gen_search__exposures'),
        defects=ref('gen_search__exposure_defects'),
        columns=exposure_columns()
    ) }}

),

delivered as (

    select * from tracked

    where {{ delivered('search') }}

)

select * from delivered
