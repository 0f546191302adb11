-- one row per experiment, exposed unit, metric and day of its window on which there is
-- anything in either arm
with

measures as (

    select * from {{ ref('truth_learning__unit_measures') }}

    where kind != 'proportion'

),

described as (

    select
        experiment_id,
        unit_id,
        metric,
        days_since_exposure,
        y0_numerator,
        y0_denominator,
        y1_numerator,
        y1_denominator

    from measures

    where
        y0_numerator != 0
        or y0_denominator != 0
        or y1_numerator != 0
        or y1_denominator != 0

)

select * from described
