{{ config(materialized='view') }}

-- one row per defective raw exposure: an edit in place, or an extra row by a sound one
with

defective as (

    {{ exposure_defects('raw_custom__exposures', ref('gen_custom__exposures')) }}

)

select * from defective
