{#
  Relation: one row per key: the log-rank test of treatment against control, stratified (Mantel 1966): the
  events among the treated of each stratum and day are compared with the hypergeometric distribution of
  which of those at risk they meet. From counts by key, stratum, is_treated and days_since_exposure. Null
  where nothing can differ.
#}
{% macro log_rank_test(counts, keys) -%}
{%- set key_columns = keys | join(', ') -%}
    with

    days_counted as (

        select
            {{ key_columns }},
            stratum,
            days_since_exposure,
            cast(sum(n_at_risk) as double) as n_at_risk,
            cast(sum(n_events) as double) as n_events,
            cast(sum(case when is_treated then n_at_risk else 0 end) as double) as treated_at_risk,
            cast(sum(case when is_treated then n_events else 0 end) as double) as treated_events

        from {{ counts }}

        group by {{ key_columns }}, stratum, days_since_exposure

    ),

    days_expected as (

        select
            *,
            treated_events - n_events * treated_at_risk / n_at_risk as excess,
            treated_at_risk * (n_at_risk - treated_at_risk) / (n_at_risk * n_at_risk)
            * n_events * (n_at_risk - n_events) / greatest(n_at_risk - 1, 1) as variance

        from days_counted

    ),

    strata_summed as (

        select
            {{ key_columns }},
            stratum,
            {{ ordered_sum('excess', 'days_since_exposure') }} as excess,
            {{ ordered_sum('variance', 'days_since_exposure') }} as variance

        from days_expected

        group by {{ key_columns }}, stratum

    ),

    keys_summed as (

        select
            {{ key_columns }},
            {{ ordered_sum('excess', 'stratum') }} as excess,
            {{ ordered_sum('variance', 'stratum') }} as variance

        from strata_summed

        group by {{ key_columns }}

    ),

    keys_compared as (

        select
            *,
            excess * excess / nullif(variance, 0) as log_rank_statistic

        from keys_summed

    ),

    keys_tested as (

        {{ chi_square_sf('keys_compared', 'log_rank_statistic', 1, 'log_rank_p_value') | indent(8) }}

    )

    select * from keys_tested
{%- endmacro %}
