{#
  Relation: one row per key, metric through whose window a unit was followed, and day on which there is
  anything of it, in the window or on the covariate_days before the exposure (negative days): the sums of
  its parts (`metric_parts`).
#}
{% macro metric_days(facts, metrics, keys) -%}
    with

    facts_measured as (

        {{ metric_parts(facts, metrics, keys) }}

    )

    select
        experiment_id,
        metric,
        {{ keys | join(',\n        ') }},
        days_since_exposure,
        cast(sum(numerator) as bigint) as numerator,
        cast(sum(denominator) as bigint) as denominator

    from facts_measured

    group by experiment_id, metric, {{ keys | join(', ') }}, days_since_exposure
{%- endmacro %}
