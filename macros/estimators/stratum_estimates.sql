{#
  Relation: mean and variance of the mean of each arm, by the estimators that model outcomes by stratum.
  From the relation of stratum_weights. With weights w, the mean is M = sum w y / sum w d, and its
  variance that of z = y - M d (d is 1 unless the metric is a ratio), over (sum w d)^2:
  post_stratified        sum w^2 v_z / n (Miratrix, Sekhon and Yu 2013)
  post_stratified_cuped  with z read off the line z on x of the arm in the stratum, at the mean of x in
                         the stratum; its squared error is s^2 (1 / n + distance^2 / ((n - 1) v_x)), s^2
                         being the residual variance with n - 2 (Lin 2013, within strata)
  aipw                   mean over all units of the line, plus residuals weighted by 1 / p (Robins,
                         Rotnitzky and Zhao 1994); the variance is the sum of the squared influence
                         function, with residuals as large as n - 2 and the distance make them. The
                         arms' means share all units, so that they have a covariance
  ordered_sum() keeps the last digits from depending on threads.
#}
{% macro stratum_estimates(weights, keys) -%}
{%- set by_arm = keys + ['is_treated', 'estimator', 'estimand'] -%}
{%- set group = by_arm | join(', ') -%}
{%- set pair = keys | join(', ') ~ ', estimator, estimand, stratum' -%}
    with

    arms_centred as (

        select
            {{ group }},
            {{ ordered_sum('weight * divisor_mean', 'stratum') }} as weight_sum,
            {{ ordered_sum('weight * main_mean', 'stratum') }}
            / nullif({{ ordered_sum('weight * divisor_mean', 'stratum') }}, 0) as unadjusted_mean

        from {{ weights }}

        group by {{ group }}

    ),

    strata_linearized as (

        select
            strata.*,
            arms.weight_sum,
            arms.unadjusted_mean,
            strata.main_mean - arms.unadjusted_mean * strata.divisor_mean as deviation,
            strata.main_variance
            - 2 * arms.unadjusted_mean * strata.main_divisor_covariance
            + arms.unadjusted_mean * arms.unadjusted_mean * strata.divisor_variance
                as deviation_variance,
            strata.main_covariate_covariance
            - arms.unadjusted_mean * strata.divisor_covariate_covariance as deviation_covariance,
            case
                when strata.slopes = 1 then strata.covariate_mean - strata.pooled_covariate_mean
                else 0
            end as distance,
            strata.n_units - 1 - strata.slopes as residual_dof

        from {{ weights }} as strata
        inner join arms_centred as arms on {{ same_columns('strata', 'arms', by_arm) }}

    ),

    strata_sloped as (

        select
            *,
            case when slopes = 1 then deviation_covariance / covariate_variance else 0 end as slope,
            case
                when slopes = 1
                    then 1 + n_units * distance * distance / ((n_units - 1) * covariate_variance)
                else 1
            end as leverage

        from strata_linearized

    ),

    strata_fitted as (

        select
            *,
            deviation - slope * distance as fitted_deviation,
            (n_units - 1)
            * (deviation_variance - case when slopes = 1 then slope * deviation_covariance else 0 end)
            * leverage / residual_dof as fitted_variance

        from strata_sloped

    ),

    arms_fitted as (

        select
            {{ group }},
            max(unadjusted_mean) + {{ ordered_sum(
                "weight * fitted_deviation + case when estimator = 'aipw' then residual_sum else 0 end",
                'stratum'
            ) }} / max(weight_sum) as arm_mean

        from strata_fitted

        group by {{ group }}

    ),

    -- of aipw: deviations of the line from the arm's mean, and its slope, in both arms
    strata_centred as (

        select
            strata.*,
            arms.arm_mean,
            strata.fitted_deviation - (arms.arm_mean - strata.unadjusted_mean) as line_deviation

        from strata_fitted as strata
        inner join arms_fitted as arms on {{ same_columns('strata', 'arms', by_arm) }}

    ),

    strata_crossed as (

        select
            *,
            slope * slope * (pooled_units - 1) * pooled_covariate_variance as slope_squares,
            {%- for column in [
                'line_deviation', 'slope', 'residual_sum', 'residual_covariate_sum'
            ] %}
            {%- for arm, condition in {'treated': 'is_treated', 'control': 'not is_treated'}.items() %}
            max(case when {{ condition }} then {{ column }} end) over (partition by {{ pair }})
                as {{ arm }}_{{ column }}{{ ',' }}
            {%- endfor %}
            {%- endfor %}
            (pooled_units - 1) * pooled_covariate_variance as covariate_squares

        from strata_centred

    ),

    strata_measured as (

        select
            *,
            case
                when estimator = 'aipw'
                    then residual_sum_squares * leverage * n_units / residual_dof
                else weight * weight * fitted_variance / n_units
            end as residual_term,
            case
                when estimator = 'aipw'
                    then weight * line_deviation * line_deviation
                        + case when slope = 0 then 0 else slope_squares end
                        + 2 * (line_deviation * residual_sum + slope * residual_covariate_sum)
                else 0
            end as line_term,
            case
                when estimator = 'aipw'
                    then weight * treated_line_deviation * control_line_deviation
                        + case
                            when treated_slope = 0 or control_slope = 0 then 0
                            else treated_slope * control_slope * covariate_squares
                        end
                        + control_line_deviation * treated_residual_sum
                        + control_slope * treated_residual_covariate_sum
                        + treated_line_deviation * control_residual_sum
                        + treated_slope * control_residual_covariate_sum
                else 0
            end as covariance_term

        from strata_crossed

    )

    select
        {{ group }},
        cast(sum(n_units) as bigint) as n_units,
        max(arm_mean) as arm_mean,
        {{ ordered_sum('residual_term + line_term', 'stratum') }} / power(max(weight_sum), 2)
            as mean_variance,
        {{ ordered_sum('covariance_term', 'stratum') }} / power(max(weight_sum), 2)
            as mean_covariance,
        {{ ordered_sum('residual_term * residual_term / residual_dof', 'stratum') }}
        / power(max(weight_sum), 4) as dof_term,
        {{ ordered_sum('weight', 'stratum') }} * {{ ordered_sum('weight', 'stratum') }}
        / {{ ordered_sum('weight * weight / n_units', 'stratum') }} as effective_units

    from strata_measured

    group by {{ group }}
{%- endmacro %}
