{#
  Relation: each cell (keys, is_treated and the columns of cell_sums) with the moments of its units as
  DOUBLE. Where a metric is no ratio, its denominator is 1 for every unit, so that one formula serves
  all. An unknown covariate counts as the mean of the known ones over both arms of `pooled_by`, which
  takes it out of sums of squares without a loss of digits. The slope theta of the metric on its
  covariate is that over all units of both arms (Deng, Xu, Kohavi and Walker 2013).
#}
{% macro cell_moments(cells, pooled_by) -%}
{%- set pool = 'over (partition by ' ~ pooled_by | join(', ') ~ ')' -%}
    with

    cells_divided as (

        select
            *,
            denominator_sum is not null as is_ratio,
            coalesce(denominator_sum, n_units) as divisor_sum,
            coalesce(denominator_sum_squares, n_units) as divisor_sum_squares,
            coalesce(main_denominator_sum_product, main_sum) as main_divisor_sum_product,
            sum(n_units) {{ pool }} as pooled_units,
            sum(main_sum) {{ pool }} as pooled_main_sum,
            sum(covariate_count) {{ pool }} as pooled_covariate_count,
            sum(covariate_sum) {{ pool }} as pooled_covariate_sum,
            sum(covariate_sum_squares) {{ pool }} as pooled_covariate_sum_squares,
            sum(main_covariate_sum_product) {{ pool }} as pooled_product_sum,
            sum(covered_main_sum) {{ pool }} as pooled_covered_main_sum

        from {{ cells }}

    ),

    cells_imputed as (

        select
            *,
            n_units - covariate_count as imputed_count,
            cast(pooled_covariate_sum as double) / nullif(pooled_covariate_count, 0)
                as pooled_covariate_mean

        from cells_divided

    ),

    cells_measured as (

        select
            *,
            cast(main_sum as double) / n_units as main_mean,
            cast(divisor_sum as double) / n_units as divisor_mean,
            (covariate_sum + imputed_count * pooled_covariate_mean) / n_units
                as covariate_mean,
            {{ covariance_of('n_units', 'main_sum_squares', 'main_sum', 'main_sum') }}
                as main_variance,
            {{ covariance_of(
                'n_units', 'divisor_sum_squares', 'divisor_sum', 'divisor_sum'
            ) }} as divisor_variance,
            {{ covariance_of(
                'n_units', 'main_divisor_sum_product', 'main_sum', 'divisor_sum'
            ) }} as main_divisor_covariance,
            {{ imputed_covariance(
                'n_units', 'covariate_count', 'covariate_sum_squares', 'covariate_sum',
                'covariate_sum', 'covariate_sum', 'pooled_covariate_mean', is_variance=true
            ) }} as covariate_variance,
            {{ imputed_covariance(
                'n_units', 'covariate_count', 'main_covariate_sum_product', 'covariate_sum',
                'main_sum', 'covered_main_sum', 'pooled_covariate_mean'
            ) }} as main_covariate_covariance,
            {{ imputed_covariance(
                'pooled_units', 'pooled_covariate_count', 'pooled_covariate_sum_squares',
                'pooled_covariate_sum', 'pooled_covariate_sum', 'pooled_covariate_sum',
                'pooled_covariate_mean', is_variance=true
            ) }} as pooled_covariate_variance,
            {{ imputed_covariance(
                'pooled_units', 'pooled_covariate_count', 'pooled_product_sum',
                'pooled_covariate_sum', 'pooled_main_sum', 'pooled_covered_main_sum',
                'pooled_covariate_mean'
            ) }} as pooled_covariance

        from cells_imputed

    )

    select
        *,
        pooled_covariance / nullif(pooled_covariate_variance, 0) as theta

    from cells_measured
{%- endmacro %}
