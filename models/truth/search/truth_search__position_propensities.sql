-- one row per variant and position: how often it is really clicked
with

variants as (

    select * from {{ ref('gen_search__variants') }}

),

numbered as (

    select
        variants.*,
        positions.result_position

    from variants
    cross join {{ series(1, 11, 'result_position') }} as positions

),

positions as (

    select
        variant,
        result_position,
        weight_up_to_8 as weight_total,
        coalesce(
            {{ interval_width('result_position', position_ends()) }},
            cast(0 as bigint)
        )
            as weight

    from numbered

),

-- parts per trillion, so that sums do not depend on their order
seconds as (

    select
        firsts.variant,
        firsts.result_position as first_position,
        further.result_position,
        firsts.weight + further.weight as weight_taken,
        firsts.weight_total,
        1e12 * firsts.weight / firsts.weight_total
        * further.weight / (firsts.weight_total - firsts.weight) as portion

    from positions as firsts
    inner join positions as further
        on
            firsts.variant = further.variant
            and firsts.result_position != further.result_position

    where firsts.weight > 0 and further.weight > 0

),

thirds as (

    select
        seconds.variant,
        further.result_position,
        seconds.portion * further.weight / (seconds.weight_total - seconds.weight_taken)
            as portion

    from seconds
    inner join positions as further
        on
            seconds.variant = further.variant
            and seconds.first_position != further.result_position
            and seconds.result_position != further.result_position

    where further.weight > 0

),

seconds_aggregated_to_position as (

    select
        variant,
        result_position,
        cast(sum(cast(floor(portion + 0.5e0) as bigint)) as bigint) as portion

    from seconds

    group by variant, result_position

),

thirds_aggregated_to_position as (

    select
        variant,
        result_position,
        cast(sum(cast(floor(portion + 0.5e0) as bigint)) as bigint) as portion

    from thirds

    group by variant, result_position

),

-- one, two or three clicks are equally likely
joined as (

    select
        positions.variant,
        positions.result_position,
        cast(positions.weight as double) / positions.weight_total
            as first_click_probability,
        cast(positions.weight as double) / positions.weight_total
        + coalesce(seconds.portion, 0) / 1e12 * 2 / 3
        + coalesce(thirds.portion, 0) / 1e12 / 3 as click_probability

    from positions
    left join seconds_aggregated_to_position as seconds
        on
            positions.variant = seconds.variant
            and positions.result_position = seconds.result_position
    left join thirds_aggregated_to_position as thirds
        on
            positions.variant = thirds.variant
            and positions.result_position = thirds.result_position

),

first_positions as (

    select
        variant,
        click_probability

    from joined

    where result_position = 1

),

compared as (

    select
        joined.variant,
        joined.result_position,
        joined.first_click_probability as true_first_click_probability,
        joined.click_probability as true_click_probability,
        joined.click_probability / first_positions.click_probability as true_propensity

    from joined
    inner join first_positions on joined.variant = first_positions.variant

)

select * from compared
