{#
  Relation: the rows of compared_arms with the two-sided test of no effect and its 95 % interval, by
  Student's t (the normal where dof is null), and the same relative to control. The relative interval
  is made on the log scale, from the relative variances of both means, or by Fieller's theorem where a
  mean is less than five of its standard errors above 0, so that its logarithm is no straight line over
  the interval. Null unless control's mean is above 0, its interval also where that mean may be 0.
#}
{% macro t_inference(comparisons) -%}
    with

    comparisons_standardized as (

        select
            *,
            effect / std_error as statistic,
            coalesce(dof, cast('infinity' as double)) as reference_dof,
            least(
                sign(control_mean) * control_mean * control_mean - 25 * control_mean_variance,
                sign(treatment_mean) * treatment_mean * treatment_mean - 25 * treatment_mean_variance
            ) > 0 as is_log_straight,
            sqrt(
                control_mean_variance / (control_mean * control_mean)
                + treatment_mean_variance / (treatment_mean * treatment_mean)
                - 2 * mean_covariance / (control_mean * treatment_mean)
            ) as log_std_error

        from {{ comparisons }}

    ),

    comparisons_tested as (

        {{ student_t_sf2('comparisons_standardized', 'statistic', 'reference_dof', 'p_value') | indent(4) }}

    ),

    comparisons_bounded as (

        {{ student_t_critical('comparisons_tested', 0.05, 'reference_dof', 'critical_value') | indent(4) }}

    ),

    -- the quotients q of means for which t of m1 - q m0 is within the critical value: a q^2 - 2 b q + c <= 0
    comparisons_quotients as (

        select
            *,
            control_mean * control_mean - critical_value * critical_value * control_mean_variance
                as quadratic_term,
            control_mean * treatment_mean - critical_value * critical_value * mean_covariance
                as linear_term,
            treatment_mean * treatment_mean - critical_value * critical_value * treatment_mean_variance
                as constant_term

        from comparisons_bounded

    )

    select
        *,
        effect - critical_value * std_error as ci_lower,
        effect + critical_value * std_error as ci_upper,
        case when control_mean > 0 then effect / control_mean end as relative_effect,
        {%- for bound, sign in {'lower': '-', 'upper': '+'}.items() %}
        case
            when is_log_straight
                then treatment_mean / control_mean * exp({{ sign }}critical_value * log_std_error) - 1
            when control_mean > 0 and quadratic_term > 0
                then (
                    linear_term {{ sign }} sqrt(
                        greatest(linear_term * linear_term - quadratic_term * constant_term, 0)
                    )
                ) / quadratic_term - 1
        end as relative_ci_{{ bound }}{{ ',' if not loop.last }}
        {%- endfor %}

    from comparisons_quotients
{%- endmacro %}
