{{ config(materialized='view') }}

-- one row per user, variant, date from the exposure on and fact of that date under that
-- variant, which is not 0
with

outcomes as (

    select * from {{ ref('gen_custom__outcomes') }}

    where exposure_day is not null and day_number >= exposure_day

),

users as (

    select
        user_number,
        experiment_number

    from {{ ref('gen_custom__users') }}

),

variants as (

    select distinct
        experiment_number,
        variant_number,
        variant

    from (
        {{ parameters('variants') }}
    ) as declared

),

-- what came before the effect on the day of the exposure, every variant has
in_variants as (

    select
        outcomes.*,
        variants.variant

    from outcomes
    inner join users on outcomes.user_number = users.user_number
    inner join variants
        on
            users.experiment_number = variants.experiment_number
            and (
                outcomes.is_before_effect
                or outcomes.variant_number = variants.variant_number
            )

),

aggregated_to_session as (

    select
        user_id,
        variant,
        session_key,
        {{- counted_events() }}
        day_number

    from in_variants

    group by user_id, variant, session_key, day_number

),

aggregated_to_day as (

    select
        cast(user_id as {{ dbt.type_string() }}) as unit_id,
        variant,
        {{ date_of_day('custom', 'day_number') }} as activity_date,
        {{ summed_facts() }}

    from aggregated_to_session

    group by unit_id, variant, activity_date

),

facts as (

    {{ unpivoted(
        'aggregated_to_day', ['unit_id', 'variant', 'activity_date'], fact_columns()
    ) }}

)

select * from facts
