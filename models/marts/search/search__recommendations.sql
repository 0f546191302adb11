-- one row per known user and recommended destination
with

seen as (

    select * from {{ ref('int_search__user_destinations') }}

),

user_pairs as (

    select * from {{ ref('int_search__user_pairs') }}

),

pairs as (

    select * from {{ ref('int_search__destination_pairs') }}

),

user_pairs_aggregated_to_user as (

    select
        user_id,
        cast(sum(neighbour_count) as bigint) as neighbour_count

    from user_pairs

    group by user_id

),

aggregated_to_user_and_destination as (

    select
        user_pairs.user_id,
        pairs.destination,
        cast(sum(pairs.half_weight) as bigint) as half_weight

    from user_pairs
    inner join pairs
        on
            user_pairs.first_destination = pairs.first_destination
            and user_pairs.second_destination = pairs.second_destination

    group by user_pairs.user_id, pairs.destination

),

unseen as (

    select
        candidates.user_id,
        candidates.destination,
        candidates.half_weight,
        neighbours.neighbour_count

    from aggregated_to_user_and_destination as candidates
    inner join user_pairs_aggregated_to_user as neighbours
        on candidates.user_id = neighbours.user_id
    left join seen
        on
            candidates.user_id = seen.user_id
            and candidates.destination = seen.destination

    where seen.user_id is null

),

ranked as (

    select
        user_id,
        destination,
        neighbour_count,
        half_weight,
        row_number() over (
            partition by user_id order by half_weight desc, destination asc
        ) as recommendation_rank

    from unseen

),

scored as (

    select
        user_id,
        destination,
        cast(recommendation_rank as bigint) as recommendation_rank,
        neighbour_count,
        {{ ratio('half_weight', '2 * neighbour_count') }} as score

    from ranked

    where recommendation_rank <= 10

)

select * from scored
