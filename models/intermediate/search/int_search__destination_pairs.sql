-- one row per pair of destinations and third one: what users of the pair think of it
with

firsts as (

    select * from {{ ref('int_search__user_destinations') }}

),

seconds as (

    select * from {{ ref('int_search__user_destinations') }}

),

thirds as (

    select * from {{ ref('int_search__user_destinations') }}

),

aggregated_to_pair_and_destination as (

    select
        firsts.destination as first_destination,
        seconds.destination as second_destination,
        thirds.destination,
        cast(sum(thirds.half_weight) as bigint) as half_weight

    from firsts
    inner join seconds
        on
            firsts.user_id = seconds.user_id
            and firsts.destination < seconds.destination
    inner join thirds
        on
            firsts.user_id = thirds.user_id
            and firsts.destination != thirds.destination
            and seconds.destination != thirds.destination

    group by firsts.destination, seconds.destination, thirds.destination

)

select * from aggregated_to_pair_and_destination
