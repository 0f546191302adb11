-- one row per raw table and kind of defect: the interval of the draw that causes it
with

kinds as (

    select * from {{ ref('defect_kinds') }}

),

cumulated as (

    select
        raw_table,
        kind,
        is_extra_row,
        share,
        sum(share) over (
            partition by raw_table order by is_extra_row, kind rows unbounded preceding
        ) as share_up_to

    from kinds

)

select
    raw_table,
    kind,
    {{ setting('defect_rate') }} * (share_up_to - share) as draw_from,
    {{ setting('defect_rate') }} * share_up_to as draw_below,
    is_extra_row

from cumulated
