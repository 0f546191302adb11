{#
  Relation: each cell (keys, is_treated and the columns of cell_sums) with the moments of its units as
  DOUBLE. Where a metric is no ratio, its denominator is 1 for every unit, so that one formula serves
  all. An unknown covariate counts as the mean of the known ones over both arms of `pooled_by`, which
  takes it out of sums of squares without a loss of digits. The slope theta of the metric on its
  covariate is that over all units of both arms (Deng, Xu, Kohavi and Walker 2013); of a ratio that of
  the linearized metric (y - R d) / d_mean, with the R of both arms.
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
            case
                when denominator_sum is null then covariate_sum
                else denominator_covariate_sum_product
            end as divisor_covariate_sum_product,
            case when denominator_sum is null then covariate_count else covered_denominator_sum end
                as covered_divisor_sum

        from {{ cells }}

    ),

    cells_pooled as (

        select
            *,
            {%- for column in [
                'main_sum', 'divisor_sum', 'covariate_count', 'covariate_sum', 'covariate_sum_squares',
                'main_covariate_sum_product', 'divisor_covariate_sum_product', 'covered_main_sum',
                'covered_divisor_sum',
            ] %}
            sum({{ column }}) {{ pool }} as pooled_{{ column }},
            {%- endfor %}
            sum(n_units) {{ pool }} as pooled_units

        from cells_divided

    ),

    cells_imputed as (

        select
            *,
            n_units - covariate_count as imputed_count,
            cast(pooled_covariate_sum as double) / nullif(pooled_covariate_count, 0)
                as pooled_covariate_mean,
            cast(pooled_main_sum as double) / nullif(pooled_divisor_sum, 0) as pooled_quotient

        from cells_pooled

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
            {%- for pooled, n in {'': 'n_units', 'pooled_': 'pooled_units'}.items() %}
            {{ imputed_covariance(
                n, pooled ~ 'covariate_count', pooled ~ 'covariate_sum_squares',
                pooled ~ 'covariate_sum', pooled ~ 'covariate_sum', pooled ~ 'covariate_sum',
                'pooled_covariate_mean', is_variance=true
            ) }} as {{ pooled }}covariate_variance,
            {%- for column in ['main', 'divisor'] %}
            {{ imputed_covariance(
                n, pooled ~ 'covariate_count', pooled ~ column ~ '_covariate_sum_product',
                pooled ~ 'covariate_sum', pooled ~ column ~ '_sum',
                pooled ~ 'covered_' ~ column ~ '_sum', 'pooled_covariate_mean'
            ) }} as {{ pooled }}{{ column }}_covariate_covariance{{ ',' }}
            {%- endfor %}
            {%- endfor %}
            cast(pooled_divisor_sum as double) / pooled_units as pooled_divisor_mean

        from cells_imputed

    )

    select
        *,
        (pooled_main_covariate_covariance - pooled_quotient * pooled_divisor_covariate_covariance)
        / nullif(pooled_divisor_mean * pooled_covariate_variance, 0) as theta

    from cells_measured
{%- endmacro %}
