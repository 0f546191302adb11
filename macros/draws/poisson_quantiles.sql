{#
  Quantile table of the Poisson distribution for the relation's rates (columns rate_id, rate), for
  inversion by a join: equal rate_id and bucket, u_ppb >= lower_ppb and u_ppb < upper_ppb, where
  u_ppb = floor(u * 10^9) and bucket = integer_quotient(u_ppb, 10^6). One row per rate_id, count and
  bucket: the buckets are a guide table (Chen and Asau 1974), so that a draw meets hardly more than
  one row. Bounds are parts per billion, so that no engine's last bit of exp decides. The count that
  brings the sum to 1 - 10^-9, or else `highest`, takes what remains: choose highest so that a
  larger count has probability below 10^-9 at the largest rate (rate + 6 roots of it + 20 will do).
#}
{% macro poisson_quantiles(relation, highest) -%}
    with

    counts as (

        select
            outcome_count,
            sum(ln(greatest(outcome_count, 1))) over (
                order by outcome_count rows unbounded preceding
            ) as log_factorial

        from {{ series(0, highest + 1, 'outcome_count') }} as counted

    ),

    probabilities as (

        select
            rates.rate_id,
            counts.outcome_count,
            -- 1e-300 lets a rate of 0 have the count 0 for certain
            exp(
                counts.outcome_count * ln(rates.rate + 1e-300) - rates.rate - counts.log_factorial
            ) as probability

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
                when cumulative_probability > 0.999999999 or outcome_count = {{ highest }}
                    then cast(1000000000 as bigint)
                else cast(floor(cumulative_probability * 1000000000) as bigint)
            end as upper_ppb

        from cumulated

    ),

    intervals as (

        select
            rate_id,
            outcome_count,
            cast(coalesce(
                lag(upper_ppb) over (partition by rate_id order by outcome_count), 0
            ) as bigint) as lower_ppb,
            upper_ppb

        from bounded

    )

    select
        rate_id,
        outcome_count,
        {{ unnest_range(
            integer_quotient('lower_ppb', 1000000), integer_quotient('(upper_ppb + 999999)', 1000000)
        ) }} as bucket,
        lower_ppb,
        upper_ppb

    from intervals

    where upper_ppb > lower_ppb
{%- endmacro %}
