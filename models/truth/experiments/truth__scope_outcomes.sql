-- one row per experiment, treatment, metric, estimand and scope: sums over the units
-- that it is of
with

strata as (

    select * from {{ ref('truth__stratum_outcomes') }}

),

days as (

    select * from {{ ref('truth__day_outcomes') }}

),

scoped as (

    select
        strata.*,
        'sate' as estimand,
        'all' as scope

    from strata

    where strata.is_analysed

    union all

    select
        strata.*,
        'satt' as estimand,
        'all' as scope

    from strata

    where strata.is_analysed and strata.is_treated

    union all

    select
        strata.*,
        'sate' as estimand,
        'all_with_unlogged' as scope

    from strata

    union all

    select
        strata.*,
        'satt' as estimand,
        'all_with_unlogged' as scope

    from strata

    where strata.is_treated

    union all

    select
        strata.*,
        'sate' as estimand,
        concat('segment:', strata.segment) as scope

    from strata

    where strata.is_analysed

),

aggregated_to_scope as (

    select
        experiment_id,
        treatment,
        metric,
        kind,
        estimand,
        scope,
        cast(sum(n_units) as bigint) as n_units,
        {{ exact_sum('y0_numerator_sum') }} as y0_numerator_sum,
        {{ exact_sum('y0_denominator_sum') }} as y0_denominator_sum,
        {{ exact_sum('y1_numerator_sum') }} as y1_numerator_sum,
        {{ exact_sum('y1_denominator_sum') }} as y1_denominator_sum

    from scoped

    group by experiment_id, treatment, metric, kind, estimand, scope

    union all

    select
        experiment_id,
        treatment,
        metric,
        kind,
        'sate' as estimand,
        concat('day:', days_since_exposure) as scope,
        n_units,
        y0_numerator_sum,
        y0_denominator_sum,
        y1_numerator_sum,
        y1_denominator_sum

    from days

)

select * from aggregated_to_scope
