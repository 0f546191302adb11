-- one row per experiment, treatment and days since the exposure: the regime under which it puts a user
with

variants as (

    {{ parameters('variants') }}

),

effects as (

    {{ parameters('effects') }}

),

treatments as (

    select distinct
        experiment_number,
        variant_number

    from variants

    where variant_number > 0

),

half_lives as (

    select
        experiment_number,
        variant_number,
        max(half_life_days) as half_life_days

    from effects

    group by experiment_number, variant_number

),

-- after ten half-lives a novelty is over, and the last regime goes on
lasting as (

    select
        treatments.experiment_number,
        treatments.variant_number,
        least(
            {{ setting('custom_days') }},
            coalesce(cast(ceil(10 * half_lives.half_life_days) as bigint), 0)
        ) as last_day

    from treatments
    left join half_lives
        on
            treatments.experiment_number = half_lives.experiment_number
            and treatments.variant_number = half_lives.variant_number

),

expanded as (

    select
        experiment_number,
        variant_number,
        last_day,
        {{ unnest_range(0, 'last_day + 1') }} as days_since_exposure

    from lasting

),

numbered as (

    select
        experiment_number,
        variant_number,
        days_since_exposure,
        last_day,
        cast(
            row_number() over (
                order by experiment_number, variant_number, days_since_exposure
            ) as integer
        ) as regime

    from expanded

)

select * from numbered
