{#
  Relation: mean and variance of the mean of each arm, by the estimators that see strata. From the
  relation of stratum_weights. With weights w, the mean is M = sum w y / sum w d, and its variance that
  of z = y - M d (d is 1 unless the metric is a ratio), over (sum w d)^2:
  post_stratified        sum w^2 v_z / n (Miratrix, Sekhon and Yu 2013)
  post_stratified_cuped  the same with y - theta (x - x_all) for y
  ipw                    sum of the squares of the units' w / n times z: Hajek's estimator
  aipw                   sum of w (y - M)^2 + v (n - 1) / e^2, with means of strata as the model of
                         outcomes; the arms' means share the strata, so that they have a covariance
  ordered_sum() keeps the last digits from depending on threads.
#}
{% macro stratum_estimates(weights, keys) -%}
{%- set group = keys | join(', ') ~ ', is_treated, estimator, estimand' -%}
{%- set pair = keys | join(', ') ~ ', estimator, estimand, stratum' -%}
    with

    strata_adjusted as (

        select
            *,
            case
                when estimator = 'post_stratified_cuped'
                    then main_mean - theta * (covariate_mean - pooled_covariate_mean)
                else main_mean
            end as adjusted_mean,
            case
                when estimator = 'post_stratified_cuped'
                    then main_variance - 2 * theta * main_covariate_covariance
                        + theta * theta * covariate_variance
                else main_variance
            end as adjusted_variance

        from {{ weights }}

    ),

    arms_centred as (

        select
            {{ group }},
            {{ ordered_sum('weight * divisor_mean', 'stratum') }} as weight_sum,
            {{ ordered_sum('weight * adjusted_mean', 'stratum') }} as weighted_sum

        from strata_adjusted

        group by {{ group }}

    ),

    strata_centred as (

        select
            strata.*,
            arms.weight_sum,
            arms.weighted_sum / nullif(arms.weight_sum, 0) as arm_mean

        from strata_adjusted as strata
        inner join arms_centred as arms
            on
                {% for key in keys -%}
                strata.{{ key }} = arms.{{ key }} and
                {% endfor -%}
                strata.is_treated = arms.is_treated
                and strata.estimator = arms.estimator
                and strata.estimand = arms.estimand

    ),

    strata_linearized as (

        select
            *,
            adjusted_mean - arm_mean * divisor_mean as deviation,
            adjusted_variance - 2 * arm_mean * main_divisor_covariance
            + arm_mean * arm_mean * divisor_variance as deviation_variance

        from strata_centred

    ),

    strata_measured as (

        select
            *,
            case estimator
                when 'ipw'
                    then weight * weight / n_units * (
                        -- the squares about the mean M, of a single unit too
                        coalesce(deviation_variance * (n_units - 1) / n_units, 0)
                        + deviation * deviation
                    )
                when 'aipw'
                    then weight * deviation * deviation
                        + deviation_variance * (n_units - 1)
                        / nullif(arm_probability * arm_probability, 0)
                else weight * weight * deviation_variance / n_units
            end as variance_term,
            case
                when estimator = 'aipw'
                    then weight
                        * max(case when is_treated then deviation end) over (partition by {{ pair }})
                        * max(case when not is_treated then deviation end)
                            over (partition by {{ pair }})
                else 0
            end as covariance_term

        from strata_linearized

    )

    select
        {{ group }},
        cast(sum(n_units) as bigint) as n_units,
        max(arm_mean) as arm_mean,
        {{ ordered_sum('variance_term', 'stratum') }} / (max(weight_sum) * max(weight_sum))
            as mean_variance,
        {{ ordered_sum('covariance_term', 'stratum') }} / (max(weight_sum) * max(weight_sum))
            as mean_covariance,
        -- ipw and aipw are normal in large samples, without degrees of freedom
        case
            when estimator in ('post_stratified', 'post_stratified_cuped')
                then {{ ordered_sum(
                    'variance_term * variance_term / (n_units - 1)', 'stratum'
                ) }} / power(max(weight_sum), 4)
        end as dof_term,
        {{ ordered_sum('weight', 'stratum') }} * {{ ordered_sum('weight', 'stratum') }}
        / {{ ordered_sum('weight * weight / n_units', 'stratum') }} as effective_units

    from strata_measured

    group by {{ group }}
{%- endmacro %}
