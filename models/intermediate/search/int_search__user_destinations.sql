-- one row per known user and destination clicked or booked
with

clicks as (

    select * from {{ ref('stg_search__clicks') }}

    where user_id is not null

),

conversions as (

    select
        click_event_id,
        count(*) as conversion_count

    from {{ ref('stg_search__conversions') }}

    group by click_event_id

),

labelled as (

    select
        clicks.user_id,
        clicks.result_destination as destination,
        case when conversions.click_event_id is null then 1 else 2 end as half_weight

    from clicks
    left join conversions on clicks.event_id = conversions.click_event_id

),

aggregated_to_user_and_destination as (

    select
        user_id,
        destination,
        max(half_weight) as half_weight

    from labelled

    group by user_id, destination

)

select * from aggregated_to_user_and_destination
