{#
  Relation: one row per key, metric through whose window a unit was followed, and day on which there is
  anything of it, in the window or on the covariate_days before the exposure (negative days). From
  facts (keys, experiment_id, fact, days_since_exposure, followed_days and value) and the relation of
  metrics. A proportion counts the days with the fact; a ratio has a denominator, 0 on days without.
#}
{% macro metric_days(facts, metrics, keys) -%}
{%- set facts_keys = facts ~ '.' ~ keys | join(',\n            ' ~ facts ~ '.') -%}
    with

    metric_parts as (

        select
            experiment_id,
            metric,
            numerator_fact as fact,
            -covariate_days as first_day,
            window_start_day,
            window_end_day,
            kind = 'proportion' or aggregation = 'days' as is_counted,
            kind = 'ratio' as is_ratio,
            true as is_numerator

        from {{ metrics }}

        union all

        select
            experiment_id,
            metric,
            denominator_fact as fact,
            -covariate_days as first_day,
            window_start_day,
            window_end_day,
            false as is_counted,
            true as is_ratio,
            false as is_numerator

        from {{ metrics }}

        where kind = 'ratio'

    ),

    facts_measured as (

        select
            {{ facts_keys }},
            {{ facts }}.experiment_id,
            metric_parts.metric,
            {{ facts }}.days_since_exposure,
            case when metric_parts.is_counted then 1 else {{ facts }}.value end as value,
            metric_parts.is_ratio,
            metric_parts.is_numerator

        from {{ facts }}
        inner join metric_parts
            on
                {{ facts }}.experiment_id = metric_parts.experiment_id
                and {{ facts }}.fact = metric_parts.fact
                and {{ facts }}.followed_days >= metric_parts.window_end_day
                and {{ facts }}.days_since_exposure <= metric_parts.window_end_day
                and {{ facts }}.days_since_exposure >= metric_parts.first_day
                and (
                    {{ facts }}.days_since_exposure < 0
                    or {{ facts }}.days_since_exposure >= metric_parts.window_start_day
                )

    )

    select
        experiment_id,
        metric,
        {{ keys | join(',\n        ') }},
        days_since_exposure,
        cast(sum(case when is_numerator then value else 0 end) as bigint) as numerator,
        cast(sum(case when not is_numerator then value when is_ratio then 0 end) as bigint)
            as denominator

    from facts_measured

    group by experiment_id, metric, {{ keys | join(', ') }}, days_since_exposure
{%- endmacro %}
