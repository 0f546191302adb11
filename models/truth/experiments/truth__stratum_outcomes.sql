-- one row per experiment, treatment, metric, stratum, segment and arm of the units,
-- those analysed and those whose log was lost apart
with

unit_effects as (

    select * from {{ ref('truth__unit_effects') }}

),

aggregated_to_stratum as (

    select
        experiment_id,
        treatment,
        metric,
        kind,
        stratum,
        segment,
        count(*) as n_units,
        {{ exact_sum('y0_numerator') }} as y0_numerator_sum,
        {{ exact_sum('y0_denominator') }} as y0_denominator_sum,
        {{ exact_sum('y1_numerator') }} as y1_numerator_sum,
        {{ exact_sum('y1_denominator') }} as y1_denominator_sum,
        is_treated,
        is_analysed

    from unit_effects

    group by
        experiment_id, treatment, metric, kind, stratum, segment, is_treated,
        is_analysed

)

select * from aggregated_to_stratum
