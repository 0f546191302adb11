-- one row per experiment, treatment, metric (mean or proportion) and stratum: its part
-- in how the arms differ without any treatment
with

strata as (

    select * from {{ ref('truth__stratum_outcomes') }}

    where is_analysed and kind != 'ratio'

),

aggregated_to_stratum as (

    select
        experiment_id,
        treatment,
        metric,
        {%- for arm, condition in [
            ('control', 'not is_treated'), ('treated', 'is_treated'),
        ] %}
            {{ exact_sum(
                'case when ' ~ condition ~ ' then n_units else 0 end'
            ) }} as {{ arm }}_units,
            {{ exact_sum(
                'case when ' ~ condition ~ ' then y0_numerator_sum else 0 end'
            ) }} as {{ arm }}_y0_sum,
            {{ exact_sum(
                'case when ' ~ condition ~ ' then y1_numerator_sum else 0 end'
            ) }} as {{ arm }}_y1_sum,
        {%- endfor %}
        stratum

    from strata

    group by experiment_id, treatment, metric, stratum

),

with_totals as (

    select
        *,
        control_units + treated_units as n_units,
        control_y0_sum + treated_y0_sum as y0_sum,
        sum(control_units) over (partition by experiment_id, treatment, metric)
            as all_control_units,
        sum(treated_units) over (partition by experiment_id, treatment, metric)
            as all_treated_units

    from aggregated_to_stratum

),

-- whole numbers are subtracted before they are divided: nothing is lost by it
parts as (

    select
        *,
        -- P(s | 1) - P(s | 0), times the mean of y0 over all of the stratum
        {{ ratio(
            'treated_units * all_control_units - control_units * all_treated_units',
            'all_control_units * all_treated_units'
        ) }} * {{ ratio('y0_sum', 'n_units') }} as selection,
        -- P(s | a) times what the y0 of arm a differs from that mean, 1 less 0
        {{ ratio(
            'treated_y0_sum * n_units - treated_units * y0_sum',
            'all_treated_units * n_units'
        ) }} - {{ ratio(
            'control_y0_sum * n_units - control_units * y0_sum',
            'all_control_units * n_units'
        ) }} as within_stratum

    from with_totals

)

select
    experiment_id,
    treatment,
    metric,
    stratum,
    control_units,
    treated_units,
    control_y0_sum,
    treated_y0_sum,
    control_y1_sum,
    treated_y1_sum,
    selection,
    within_stratum

from parts
