{{ config(materialized='view') }}

-- one row per delivered exposure, with the reason why it is rejected, if it is
with

exposures as (

    select * from {{ ref('raw_search__exposures') }}

),

typed as (

    select
        experiment_id,
        unit_id,
        {{ clean_category('variant', ['control', 'ranking_v2']) }} as variant,
        assignment_probability,
        assigned_at,
        exposed_at,
        received_at

    from exposures

),

ordered as (

    select
        *,
        row_number() over (
            partition by experiment_id, unit_id, variant, exposed_at
            order by received_at
        ) as delivery_number

    from typed

),

validated as (

    select
        experiment_id,
        unit_id,
        variant,
        case
            when variant is null then 'impossible_value'
            when delivery_number > 1 then 'exact_duplicate'
        end as reject_reason,
        assignment_probability,
        assigned_at,
        exposed_at,
        received_at

    from ordered

)

select * from validated
