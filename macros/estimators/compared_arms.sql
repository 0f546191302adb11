{#
  Relation: one row per key, estimator and estimand: the arms of arm_estimates or stratum_estimates side
  by side, their difference, its standard error and Satterthwaite's degrees of freedom. A row whose
  standard error is 0 has none, and so no interval and no p-value; an error of less than 1e-12 of the
  means is one of rounding.
#}
{% macro compared_arms(estimates, keys) -%}
{%- set group = keys | join(', ') ~ ', estimator, estimand' -%}
    with

    arms_paired as (

        select
            {{ group }},
            {%- for column in ['n_units', 'arm_mean', 'mean_variance', 'dof_term', 'effective_units'] %}
            max(case when not is_treated then {{ column }} end) as control_{{ column }},
            max(case when is_treated then {{ column }} end) as treatment_{{ column }},
            {%- endfor %}
            max(mean_covariance) as mean_covariance

        from {{ estimates }}

        group by {{ group }}

    ),

    arms_subtracted as (

        select
            {{ group }},
            coalesce(control_n_units, 0) as control_units,
            coalesce(treatment_n_units, 0) as treatment_units,
            control_arm_mean as control_mean,
            treatment_arm_mean as treatment_mean,
            control_mean_variance,
            treatment_mean_variance,
            mean_covariance,
            treatment_arm_mean - control_arm_mean as effect,
            case
                when
                    control_mean_variance + treatment_mean_variance - 2 * mean_covariance
                    > 1e-24 * (
                        control_arm_mean * control_arm_mean + treatment_arm_mean * treatment_arm_mean
                    )
                    then control_mean_variance + treatment_mean_variance - 2 * mean_covariance
            end as effect_variance,
            control_dof_term + treatment_dof_term as dof_term,
            control_effective_units + treatment_effective_units as effective_sample_size

        from arms_paired

    )

    select
        *,
        sqrt(effect_variance) as std_error,
        effect_variance * effect_variance / nullif(dof_term, 0) as dof

    from arms_subtracted
{%- endmacro %}
