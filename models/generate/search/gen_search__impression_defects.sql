{{ config(materialized='view') }}

-- one row per defective raw impression: an edit in place, or a row beside a sound one
with

impressions as (

    select * from {{ ref('gen_search__impressions') }}

    where has_defects and defect_draw < {{ setting('defect_rate') }}

),

kinds as (

    select * from {{ ref('gen__defect_kinds') }}

    where raw_table = 'raw_search__impressions'

),

defective as (

    select
        impressions.search_event_id,
        impressions.result_id,
        case
            when kinds.kind = 'impossible_value' then -impressions.result_position
            else impressions.result_position
        end as result_position,
        {{ dirty_category('impressions.result_type', 'kinds.kind') }} as result_type,
        impressions.result_price,
        impressions.result_provider,
        impressions.result_destination,
        impressions.received_at,
        kinds.kind,
        kinds.is_extra_row

    from impressions
    inner join kinds
        on
            impressions.defect_draw >= kinds.draw_from
            and impressions.defect_draw < kinds.draw_below

)

select * from defective
