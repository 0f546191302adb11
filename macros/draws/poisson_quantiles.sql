{#
  Quantile table of the Poisson distribution for the relation's rates (columns rate_id, rate), for
  inversion by a join: equal rate_id and bucket, u_ppb >= lower_ppb and u_ppb < upper_ppb, where
  u_ppb = floor(u * 10^9) and bucket = floor(u_ppb / 10^6). One row per rate_id, count and bucket:
  the buckets are a guide table (Chen and Asau 1974), so that a draw meets hardly more than one row.
  Bounds are parts per billion, so that no engine's last bit of exp decides. `highest` is the
  largest count of any rate; the count that brings the sum to 1 - 10^-9 takes what remains.
#}
{% macro poisson_quantiles(relation, highest) -%}
    with

    counts as (

        select
            outcome_count,
            sum(case when outcome_count = 0 then 0 else ln(outcome_count) end) over (
                order by outcome_count rows unbounded preceding
            ) as log_factorial

        from {{ series(0, highest + 1, 'outcome_count') }} as counted

    ),

    probabilities as (

        select
            rates.rate_id,
            counts.outcome_count,
            exp(counts.outcome_count * ln(rates.rate) - rates.rate - counts.log_factorial) as probability

        from {{ relation }} as rates
        cross join counts

    ),

    cumulated as (

        select
            rate_id,
            outcome_count,
            sum(probability) over (
                partition by rate_id order by outcome_count rows unbounded preceding
            ) as cumulative_probability

        from probabilities

    ),

    bounded as (

        select
            rate_id,
            outcome_count,
            case
                when cumulative_probability > 0.999999999 then 1000000000
                else cast(floor(cumulative_probability * 1000000000) as bigint)
            end as upper_ppb

        from cumulated

    ),

    intervals as (

        select
            rate_id,
            outcome_count,
            coalesce(lag(upper_ppb) over (partition by rate_id order by outcome_count), 0) as lower_ppb,
            upper_ppb

        from bounded

    )

    select
        rate_id,
        outcome_count,
        {{ unnest_range('lower_ppb // 1000000', '(upper_ppb + 999999) // 1000000') }} as bucket,
        lower_ppb,
        upper_ppb

    from intervals

    where upper_ppb > lower_ppb
{%- endmacro %}
