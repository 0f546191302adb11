{#
  Relation: one row per metric and quantile that is asked of it, from rows of the seed of metrics that
  have quantiles; the quantile as DOUBLE and, so that rounding moves no position, in whole parts per
  million.
#}
{% macro metric_quantiles(metrics) -%}
{%- set places = "length(quantiles) - length(replace(quantiles, '|', '')) + 2" -%}
{%- set text = "split_part(quantiles, '|', cast(place as integer))" -%}
    with

    quantile_places as (

        select
            experiment_id,
            metric,
            quantiles,
            divisor,
            {{ unnest_range(1, places) }} as place

        from {{ metrics }}

    )

    select
        experiment_id,
        metric,
        divisor,
        cast({{ text }} as double) as quantile,
        cast(cast({{ text }} as decimal(7, 6)) * 1000000 as bigint) as quantile_ppm

    from quantile_places
{%- endmacro %}
