{#
  Relation: one row per key, stratum and arm: sums over units of their residuals about the arm's model
  of outcomes in the stratum, weighted by 1 / p of the arm, for the influence function of aipw. From the
  moments of strata and those of their cells by arm_probability, both pooled by stratum. The model is
  the mean of the arm in the stratum or, where stratum_weights says so, a line in the covariate. About
  it the residuals r of all units add up to 0, those of one probability do not. With x from the mean of
  the stratum: sum r / p, sum x r / p, sum r^2 / p^2.
#}
{% macro weighted_residuals(strata, cells, keys) -%}
{%- set by_line = keys + ['stratum', 'is_treated'] -%}
{%- set group = by_line | join(', ') -%}
    with

    lines as (

        select
            {{ group }},
            main_mean as line_mean,
            covariate_mean as line_covariate_mean,
            case
                when n_units >= {{ units_of_slope() }} and covariate_variance > 0
                    then main_covariate_covariance / covariate_variance
                else 0
            end as slope

        from {{ strata }}

    ),

    cells_distant as (

        select
            {% for column in by_line -%}
            cells.{{ column }},
            {% endfor -%}
            cells.n_units,
            cells.arm_probability,
            lines.slope,
            cells.main_mean - lines.line_mean
            - case
                when lines.slope = 0 then 0
                else lines.slope * (cells.covariate_mean - lines.line_covariate_mean)
            end as residual_mean,
            coalesce(cells.covariate_mean - cells.pooled_covariate_mean, 0) as distance,
            coalesce((cells.n_units - 1) * cells.main_variance, 0) as main_squares,
            coalesce((cells.n_units - 1) * cells.covariate_variance, 0) as covariate_squares,
            coalesce((cells.n_units - 1) * cells.main_covariate_covariance, 0) as products

        from {{ cells }} as cells
        inner join lines on {{ same_columns('cells', 'lines', by_line) }}

    )

    select
        {{ group }},
        count(*) as probability_count,
        {{ ordered_sum('n_units * residual_mean / arm_probability', 'arm_probability') }}
            as residual_sum,
        {{ ordered_sum(
            '(products - slope * covariate_squares + n_units * distance * residual_mean)
            / arm_probability', 'arm_probability'
        ) }} as residual_covariate_sum,
        {{ ordered_sum(
            '(main_squares - 2 * slope * products + slope * slope * covariate_squares
            + n_units * residual_mean * residual_mean) / (arm_probability * arm_probability)',
            'arm_probability'
        ) }} as residual_sum_squares

    from cells_distant

    group by {{ group }}
{%- endmacro %}
