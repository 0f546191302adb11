{#
  Relation: mean and variance of the mean of each arm, by the estimators that see no strata. From the
  moments of whole arms. A ratio is its linearized metric l = R + (y - R d) / d_mean, with R of the arm
  (the delta method: Deng, Knoblich and Lu 2018); any other metric is l = y. x is the covariate.
  naive      l, v_l / n: Welch's t
  cuped      l - theta (x - x_all), (v_l - 2 theta c_lx + theta^2 v_x) / n, theta over all units
             (Deng, Xu, Kohavi and Walker 2013)
  ancova     the same, theta within arms: the coefficient of a regression on arm and covariate. Times
             (N - 2) / (N - 3) over all N units, plus the squared error of theta times the distance of
             the arms' means of x, which a regression counts, too
  lin        the same, theta of each arm: a regression on arm, covariate and their product (Lin 2013).
             s^2 (1 / n + (x_mean - x_all)^2 / ((n - 1) v_x)), where s^2 is the residual variance with
             n - 2: the squared error of the arm's regression line at x_all
  did        y - x over the units whose covariate is known: differences in differences. Control's mean
             is that after the exposure, and the treated arm's that mean plus the effect
  The last column but one is what a unit of the arm takes from Welch's degrees of freedom.
#}
{% macro arm_estimates(moments, keys) -%}
{%- set key_columns = keys | join(', ') -%}
    with

    arms_linearized as (

        select
            *,
            main_mean / nullif(divisor_mean, 0) as quotient,
            (
                main_variance
                - 2 * main_mean / nullif(divisor_mean, 0) * main_divisor_covariance
                + power(main_mean / nullif(divisor_mean, 0), 2) * divisor_variance
            ) / (divisor_mean * divisor_mean) as linear_variance,
            (
                main_covariate_covariance
                - main_mean / nullif(divisor_mean, 0) * divisor_covariate_covariance
            ) / divisor_mean as linear_covariance,
            covariate_mean - pooled_covariate_mean as covariate_distance

        from {{ moments }}

    ),

    arms_sloped as (

        select
            *,
            sum((n_units - 1) * linear_covariance) over (partition by {{ key_columns }})
            / nullif(
                sum((n_units - 1) * covariate_variance) over (partition by {{ key_columns }}), 0
            ) as theta_within,
            case
                when n_units >= {{ units_of_slope() }}
                    then linear_covariance / nullif(covariate_variance, 0)
            end as theta_of_arm,
            sum(n_units) over (partition by {{ key_columns }}) as compared_units

        from arms_linearized

    ),

    arms_regressed as (

        select
            *,
            -- of theta within arms: residual variance with N - 3, by the squares of x
            sum(
                (n_units - 1) * (
                    linear_variance - 2 * theta_within * linear_covariance
                    + theta_within * theta_within * covariate_variance
                )
            ) over (partition by {{ key_columns }}) / nullif(compared_units - 3, 0)
            / nullif(sum((n_units - 1) * covariate_variance) over (partition by {{ key_columns }}), 0)
                as theta_variance,
            max(case when is_treated then covariate_distance end) over (partition by {{ key_columns }})
            * max(case when not is_treated then covariate_distance end)
                over (partition by {{ key_columns }}) as distance_product

        from arms_sloped

    ),

    -- a change keeps control's mean in both arms, so that effects are relative to it
    arms_changed as (

        select
            *,
            {{ covariance_of(
                'covariate_count',
                '(covered_main_sum_squares - 2 * main_covariate_sum_product + covariate_sum_squares)',
                '(covered_main_sum - covariate_sum)', '(covered_main_sum - covariate_sum)'
            ) }} / covariate_count as change_variance,
            {%- for column, product, first, second in [
                ('after', 'covered_main_sum_squares', 'covered_main_sum', 'covered_main_sum'),
                ('before', 'covariate_sum_squares', 'covariate_sum', 'covariate_sum'),
                ('both', 'main_covariate_sum_product', 'covered_main_sum', 'covariate_sum'),
            ] %}
            max(
                case
                    when not is_treated
                        then {{ covariance_of('covariate_count', product, first, second) }}
                            / covariate_count
                end
            ) over (partition by {{ key_columns }}) as control_{{ column }},
            {%- endfor %}
            max(
                case when not is_treated then cast(covariate_sum as double) / covariate_count end
            ) over (partition by {{ key_columns }}) as control_mean_before

        from arms_regressed

        where not is_ratio and covariate_count > 0

    ),

    arms_estimated as (

        select
            {{ key_columns }},
            is_treated,
            'naive' as estimator,
            n_units,
            quotient as arm_mean,
            linear_variance / n_units as mean_variance,
            cast(0 as double) as mean_covariance,
            linear_variance / n_units as unit_variance,
            n_units - 1 as residual_dof

        from arms_regressed

        {% for estimator, theta in {
            'cuped': 'theta', 'ancova': 'theta_within', 'lin': 'theta_of_arm'
        }.items() -%}
        {%- set variance -%}
            (linear_variance - 2 * {{ theta }} * linear_covariance
            + {{ theta }} * {{ theta }} * covariate_variance) / n_units
            {%- if estimator == 'ancova' %}
            * (compared_units - 2) / nullif(compared_units - 3, 0)
            {%- elif estimator == 'lin' %}
            * (n_units - 1) / nullif(n_units - 2, 0) * (
                1 + n_units * covariate_distance * covariate_distance
                / ((n_units - 1) * covariate_variance)
            )
            {%- endif %}
        {%- endset %}
        union all

        select
            {{ key_columns }},
            is_treated,
            '{{ estimator }}' as estimator,
            n_units,
            quotient - {{ theta }} * covariate_distance as arm_mean,
            {{ variance }}
            {{- ' + theta_variance * covariate_distance * covariate_distance' if estimator == 'ancova' }}
                as mean_variance,
            {{ 'theta_variance * distance_product' if estimator == 'ancova' else 'cast(0 as double)' }}
                as mean_covariance,
            {{ variance }} as unit_variance,
            n_units - {{ 2 if estimator == 'lin' else 1 }} as residual_dof

        from arms_regressed

        {% endfor -%}
        union all

        select
            {{ key_columns }},
            is_treated,
            'did' as estimator,
            covariate_count as n_units,
            case
                when is_treated
                    then cast(covered_main_sum - covariate_sum as double) / covariate_count
                        + control_mean_before
                else cast(covered_main_sum as double) / covariate_count
            end as arm_mean,
            case when is_treated then change_variance + control_before else control_after end
                as mean_variance,
            control_both as mean_covariance,
            change_variance as unit_variance,
            covariate_count - 1 as residual_dof

        from arms_changed

    )

    select
        {{ key_columns }},
        is_treated,
        estimator,
        case when estimator = 'did' then 'satt' else 'sate' end as estimand,
        n_units,
        arm_mean,
        mean_variance,
        mean_covariance,
        unit_variance * unit_variance / nullif(residual_dof, 0) as dof_term,
        cast(n_units as double) as effective_units

    from arms_estimated
{%- endmacro %}
