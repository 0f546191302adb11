{#
  Relation: mean and variance of the mean of each arm, by the estimators that see no strata. From the
  moments of whole arms. With R = y / d, the quotient of means (d is 1 unless the metric is a ratio):
  naive      R, (v_y - 2 R c_yd + R^2 v_d) / d^2 / n: Welch's t, or the delta method of a ratio
             (Deng, Knoblich and Lu 2018)
  cuped      y - theta (x - x_all), (v_y - 2 theta c_xy + theta^2 v_x) / n, theta over all units
             (Deng, Xu, Kohavi and Walker 2013)
  ancova     the same, theta within arms: the coefficient of a regression on arm and covariate
  did        y - x over the units whose covariate is known: differences in differences
  The last column is what a unit of the arm takes from Welch's degrees of freedom.
#}
{% macro arm_estimates(moments, keys) -%}
{%- set key_columns = keys | join(', ') -%}
{%- set columns = key_columns ~ ', is_treated, n_units' -%}
    with

    arms_sloped as (

        select
            *,
            main_mean / nullif(divisor_mean, 0) as quotient,
            sum((n_units - 1) * main_covariate_covariance) over (partition by {{ key_columns }})
            / nullif(
                sum((n_units - 1) * covariate_variance) over (partition by {{ key_columns }}), 0
            ) as theta_within

        from {{ moments }}

    ),

    arms_estimated as (

        select
            {{ columns }},
            'naive' as estimator,
            quotient as arm_mean,
            (
                main_variance - 2 * quotient * main_divisor_covariance
                + quotient * quotient * divisor_variance
            ) / (divisor_mean * divisor_mean) / n_units as mean_variance

        from arms_sloped

        union all

        {% for estimator, theta in {'cuped': 'theta', 'ancova': 'theta_within'}.items() -%}
        select
            {{ columns }},
            '{{ estimator }}' as estimator,
            main_mean - {{ theta }} * (covariate_mean - pooled_covariate_mean) as arm_mean,
            (
                main_variance - 2 * {{ theta }} * main_covariate_covariance
                + {{ theta }} * {{ theta }} * covariate_variance
            ) / n_units as mean_variance

        from arms_sloped

        where not is_ratio

        union all

        {% endfor -%}
        select
            {{ key_columns }},
            is_treated,
            covariate_count as n_units,
            'did' as estimator,
            cast(covered_main_sum - covariate_sum as double) / nullif(covariate_count, 0)
                as arm_mean,
            {{ covariance_of(
                'covariate_count',
                '(covered_main_sum_squares - 2 * main_covariate_sum_product + covariate_sum_squares)',
                '(covered_main_sum - covariate_sum)', '(covered_main_sum - covariate_sum)'
            ) }} / covariate_count as mean_variance

        from arms_sloped

        where not is_ratio

    )

    select
        {{ key_columns }},
        is_treated,
        estimator,
        case when estimator = 'did' then 'satt' else 'sate' end as estimand,
        n_units,
        arm_mean,
        mean_variance,
        cast(0 as double) as mean_covariance,
        mean_variance * mean_variance / nullif(n_units - 1, 0) as dof_term,
        cast(n_units as double) as effective_units

    from arms_estimated
{%- endmacro %}
