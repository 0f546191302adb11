{#
  Relation: one row per key: Hansen and Bowers' (2008) test that a covariate is balanced, in its form for
  one covariate. In each stratum of one probability the treated are a simple random sample of its n units under the null:
  the sum over the treated less n1 times the stratum's mean has the variance n1 n0 / n S^2, with S^2 over
  both arms; summed over strata, its standardized square is chi-square with one degree of freedom. From
  cells by key, stratum, probability and arm, with the covariate in the place of the metric.
#}
{% macro balance_test(cells, keys) -%}
{%- set key_columns = keys | join(', ') -%}
    with

    -- billionths, so that 0.2 and 1 - 0.8 are one probability
    cells_known as (

        select
            *,
            coalesce(cast(floor(
                case when is_treated then arm_probability else 1 - arm_probability end * 1000000000 + 0.5
            ) as bigint), -1) as treatment_ppb

        from {{ cells }}

    ),

    strata_summed as (

        select
            {{ key_columns }},
            stratum,
            treatment_ppb,
            sum(n_units) as n_units,
            sum(case when is_treated then n_units else 0 end) as treated_units,
            {{ exact_sum('main_sum') }} as main_sum,
            {{ exact_sum('case when is_treated then main_sum else 0 end') }} as treated_sum,
            {{ exact_sum('main_sum_squares') }} as main_sum_squares

        from cells_known

        group by {{ key_columns }}, stratum, treatment_ppb

    ),

    strata_expected as (

        select
            *,
            cast(treated_sum * n_units - main_sum * treated_units as double) / n_units as excess,
            cast(treated_units as double) * (n_units - treated_units) / n_units
            * {{ covariance_of('n_units', 'main_sum_squares', 'main_sum', 'main_sum') }} as variance

        from strata_summed

    ),

    keys_summed as (

        select
            {{ key_columns }},
            {{ ordered_sum('excess', "concat(stratum, ':', treatment_ppb)") }} as excess,
            {{ ordered_sum('variance', "concat(stratum, ':', treatment_ppb)") }} as variance

        from strata_expected

        group by {{ key_columns }}

    ),

    keys_scored as (

        select
            *,
            excess * excess / nullif(variance, 0) as balance_statistic

        from keys_summed

    ),

    keys_tested as (

        {{ chi_square_sf('keys_scored', 'balance_statistic', 1, 'balance_p_value') | indent(8) }}

    )

    select * from keys_tested
{%- endmacro %}
