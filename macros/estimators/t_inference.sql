{#
  Relation: the rows of compared_arms with the two-sided test of no effect and its 95 % interval, by
  Student's t (the normal where dof is null), and the same relative to control. The relative interval
  is made on the log scale, from the relative variances of both means; null unless both are above 0.
#}
{% macro t_inference(comparisons) -%}
    with

    comparisons_standardized as (

        select
            *,
            effect / std_error as statistic,
            coalesce(dof, cast('infinity' as double)) as reference_dof,
            case
                when control_mean > 0 and treatment_mean > 0
                    then sqrt(
                        control_mean_variance / (control_mean * control_mean)
                        + treatment_mean_variance / (treatment_mean * treatment_mean)
                        - 2 * mean_covariance / (control_mean * treatment_mean)
                    )
            end as log_std_error

        from {{ comparisons }}

    ),

    comparisons_tested as (

        {{ student_t_sf2('comparisons_standardized', 'statistic', 'reference_dof', 'p_value') | indent(4) }}

    ),

    comparisons_bounded as (

        {{ student_t_critical('comparisons_tested', 0.05, 'reference_dof', 'critical_value') | indent(4) }}

    )

    select
        *,
        effect - critical_value * std_error as ci_lower,
        effect + critical_value * std_error as ci_upper,
        case when log_std_error is not null then treatment_mean / control_mean - 1 end
            as relative_effect,
        treatment_mean / control_mean * exp(-critical_value * log_std_error) - 1
            as relative_ci_lower,
        treatment_mean / control_mean * exp(critical_value * log_std_error) - 1
            as relative_ci_upper

    from comparisons_bounded
{%- endmacro %}
