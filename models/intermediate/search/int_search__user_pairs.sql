-- one row per known user and pair of the user's destinations, with how many share it
with

firsts as (

    select * from {{ ref('int_search__user_destinations') }}

),

seconds as (

    select * from {{ ref('int_search__user_destinations') }}

),

paired as (

    select
        firsts.user_id,
        firsts.destination as first_destination,
        seconds.destination as second_destination

    from firsts
    inner join seconds
        on
            firsts.user_id = seconds.user_id
            and firsts.destination < seconds.destination

),

counted as (

    select
        user_id,
        first_destination,
        second_destination,
        count(*) over (partition by first_destination, second_destination) - 1
            as neighbour_count

    from paired

)

select * from counted
