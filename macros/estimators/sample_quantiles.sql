{#
  Relation: one row per group and quantile of its metric: the smallest value that at least this share of
  the group's units is not above, in the unit of the metric. Its standard error is the distance of the
  order statistics at q +- z sqrt(q (1 - q) / n), divided by 2 z: 0 where both are the same value, null
  where the group is too small to have them. Units are independent: a metric of events would need a
  factor for events of the same unit.
  `values` are units with the columns of `group` (experiment_id and metric among them), unit_id and
  numerator; `metrics` names the quantiles.
#}
{% macro sample_quantiles(values, metrics, group) -%}
{%- set group_columns = group | join(', ') -%}
{%- set spread = z_95() ~ ' * sqrt(ordered.n_units * wanted.quantile * (1 - wanted.quantile))' -%}
    with

    wanted as (

        {{ metric_quantiles(metrics) | indent(4) }}

    ),

    ordered as (

        select
            {{ group_columns }},
            numerator,
            row_number() over (
                partition by {{ group_columns }} order by numerator, unit_id
            ) as position,
            count(*) over (partition by {{ group_columns }}) as n_units

        from {{ values }}

    ),

    positioned as (

        select
            ordered.*,
            wanted.quantile,
            cast(ordered.numerator as double) / wanted.divisor as unit_value,
            {{ integer_quotient(
                '(wanted.quantile_ppm * ordered.n_units + 999999)', 1000000
            ) }} as quantile_position,
            ceil(ordered.n_units * wanted.quantile - {{ spread }}) as lower_position,
            ceil(ordered.n_units * wanted.quantile + {{ spread }}) as upper_position

        from ordered
        inner join wanted
            on ordered.experiment_id = wanted.experiment_id and ordered.metric = wanted.metric

    )

    select
        {{ group_columns }},
        quantile,
        n_units,
        max(case when position = quantile_position then unit_value end) as sample_quantile,
        (
            max(case when position = upper_position then unit_value end)
            - max(case when position = lower_position then unit_value end)
        ) / (2 * {{ z_95() }}) as std_error

    from positioned

    group by {{ group_columns }}, quantile, n_units
{%- endmacro %}
