{#
  Relation: one row per key: Pearson's chi-square test that units got their variant with the probability
  that was planned, sum (n - N p)^2 / (N p) with one degree of freedom less than variants. From arms: the
  n_units and variant_probability of every variant in every cell (the columns `cells`), also where it has
  no unit. Probabilities may differ between cells: the variants are taken in turn, the units of each are
  compared with what is expected of those that got no variant before, over all cells, and the squares of
  these independent scores are added, which is Pearson's sum where there is one probability. Null where
  a probability is unknown.
#}
{% macro sample_ratio_test(arms, keys, cells) -%}
{%- set key_columns = keys | join(', ') -%}
{%- set cell = 'partition by ' ~ (keys + cells) | join(', ') -%}
{%- set before = '(' ~ cell ~ ' order by variant rows between unbounded preceding and 1 preceding)' -%}
    with

    arms_ordered as (

        select
            *,
            sum(n_units) over ({{ cell }}) as cell_units,
            coalesce(sum(n_units) over {{ before }}, 0) as units_before,
            coalesce(sum(variant_probability) over {{ before }}, 0e0) as probability_before,
            row_number() over ({{ cell }} order by variant desc) as variants_left

        from {{ arms }}

    ),

    arms_expected as (

        select
            *,
            n_units - (cell_units - units_before) * variant_probability / (1 - probability_before)
                as excess,
            cell_units * variant_probability
            * (1 - variant_probability / (1 - probability_before)) as variance

        from arms_ordered

        -- the last variant has what is left
        where variants_left > 1

    ),

    variants_summed as (

        select
            {{ key_columns }},
            variant,
            {{ ordered_sum('excess', 'concat(' ~ cells | join(", ':', ") ~ ')') }} as excess,
            {{ ordered_sum('variance', 'concat(' ~ cells | join(", ':', ") ~ ')') }} as variance,
            min(case when variant_probability is null then 0 else 1 end) as is_known

        from arms_expected

        group by {{ key_columns }}, variant

    ),

    keys_summed as (

        select
            {{ key_columns }},
            case
                when min(is_known) = 1
                    then {{ ordered_sum('excess * excess / nullif(variance, 0)', 'variant') }}
            end as ratio_statistic,
            count(*) as ratio_dof

        from variants_summed

        group by {{ key_columns }}

    ),

    keys_tested as (

        {{ chi_square_sf('keys_summed', 'ratio_statistic', 'ratio_dof', 'ratio_p_value') | indent(8) }}

    )

    select * from keys_tested
{%- endmacro %}
