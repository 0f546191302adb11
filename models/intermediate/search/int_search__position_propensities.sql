-- one row per variant and position: how often it is examined, as training clicks tell
with

impressions as (

    select * from {{ ref('int_search__labelled_impressions') }}

    -- the days of training: what is weighted by this must not know the days to come
    where session_date < date '{{ split_date("search", 0.6) }}'

),

aggregated_to_variant_and_position as (

    select
        variant,
        result_position,
        count(*) as impression_count,
        count(case when is_clicked then 1 end) as click_count

    from impressions

    group by variant, result_position

),

first_positions as (

    select
        variant,
        impression_count,
        click_count

    from aggregated_to_variant_and_position

    where result_position = 1

),

compared as (

    select
        positions.variant,
        positions.result_position,
        positions.impression_count,
        positions.click_count,
        {{ ratio(
            'positions.click_count * first_positions.impression_count',
            'positions.impression_count * first_positions.click_count'
        ) }} as examination_propensity

    from aggregated_to_variant_and_position as positions
    -- visitors whose exposure is not delivered yet have no variant
    inner join first_positions
        on
            coalesce(positions.variant, '') = coalesce(first_positions.variant, '')

)

select * from compared
