-- one row per visitor and variant in which the log has the visitor, before dirt
with

sessions as (

    select * from {{ ref('gen_search__sessions') }}

    where is_logged

),

variants as (

    select * from {{ ref('search_variants') }}

),

aggregated_to_visitor as (

    select
        visitor_key,
        coalesce(user_id, cast(anonymous_id as {{ dbt.type_string() }})) as unit_id,
        is_treated,
        min(started_at_ms) as started_at_ms

    from sessions

    group by visitor_key, unit_id, is_treated

),

drawn as (

    select
        visitors.*,
        {{ bernoulli(
            'visitors.visitor_key', 'search.exposures.multi_variant',
            setting('multi_variant_rate')
        ) }} as is_multi_variant,
        {{ integers(
            'visitors.visitor_key', 'search.exposures.second_exposure', 1000, 86400000
        ) }} as second_exposure_ms,
        {{ delivery_delay_ms('visitors.visitor_key', 'search.exposures.delivery') }}
            as delay_ms,
        {{ uniform('visitors.visitor_key', 'search.exposures.defect') }} as defect_draw

    from aggregated_to_visitor as visitors

),

logged as (

    select
        variants.experiment_id,
        drawn.unit_id,
        variants.variant,
        variants.assignment_probability,
        drawn.started_at_ms
        - drawn.started_at_ms % 86400000 as assigned_at_ms,
        drawn.started_at_ms + case
            when variants.is_treated = drawn.is_treated then 0
            else drawn.second_exposure_ms
        end as exposed_at_ms,
        drawn.delay_ms,
        drawn.defect_draw,
        variants.is_treated = drawn.is_treated as is_assigned

    from drawn
    cross join variants

    where variants.is_treated = drawn.is_treated or drawn.is_multi_variant

)

select
    experiment_id,
    unit_id,
    variant,
    assignment_probability,
    -- the dirt falls on the row of the assigned variant
    case when is_assigned then defect_draw else 1 end as defect_draw,
    is_assigned,
    {{ timestamp_from_ms('assigned_at_ms') }} as assigned_at,
    {{ timestamp_from_ms('exposed_at_ms') }} as exposed_at,
    {{ timestamp_from_ms('exposed_at_ms + delay_ms') }} as received_at

from logged
