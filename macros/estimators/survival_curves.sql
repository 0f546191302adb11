{#
  Relation: counts (keys, days_since_exposure, n_at_risk and n_events, of every day until nobody is left)
  with the estimate of Kaplan and Meier (1958) after each day, survival_rate and its logarithm, and
  greenwood_term, whose sum is the variance of the logarithm (Greenwood 1926). After a day that nobody
  survives the rate is 0 and its logarithm null. Sums are in the order of days, so that no order of
  adding changes a digit.
#}
{% macro survival_curves(counts, keys) -%}
{%- set so_far = '(partition by ' ~ keys | join(', ')
    ~ ' order by days_since_exposure rows unbounded preceding)' -%}
    with

    daily_rates as (

        select
            *,
            ln(cast(nullif(n_at_risk - n_events, 0) as double) / n_at_risk) as log_rate,
            cast(n_events as double) / n_at_risk / nullif(n_at_risk - n_events, 0) as greenwood_term

        from {{ counts }}

    ),

    rates_cumulated as (

        select
            *,
            case when n_events < n_at_risk then sum(log_rate) over {{ so_far }} end as log_survival,
            sqrt(sum(greenwood_term) over {{ so_far }}) as log_std_error

        from daily_rates

    )

    select
        *,
        coalesce(exp(log_survival), 0e0) as survival_rate

    from rates_cumulated
{%- endmacro %}
