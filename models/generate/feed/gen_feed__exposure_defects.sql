{{ config(materialized='view') }}

-- one row per defective raw exposure: an edit in place, or an extra row by a sound one
with

defective as (

    {{ exposure_defects('raw_feed__exposures', ref('gen_feed__exposures')) }}

)

select * from defective
