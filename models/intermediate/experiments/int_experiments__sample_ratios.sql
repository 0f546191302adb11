-- one row per experiment and stratum
with

exposures as (

    select * from {{ ref('int_experiments__exposures') }}

    where not is_multi_variant

),

aggregated_to_stratum as (

    select
        experiment_id,
        stratum,
        max(assignment_probability) as assignment_probability,
        count(*) as n_units,
        count(case when is_treated then 1 end) as treatment_units

    from exposures

    group by experiment_id, stratum

)

select
    experiment_id,
    stratum,
    assignment_probability,
    n_units,
    treatment_units,
    n_units * assignment_probability as expected_treatment_units,
    n_units * assignment_probability * (1 - assignment_probability)
        as treatment_units_variance

from aggregated_to_stratum
