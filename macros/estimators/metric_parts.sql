{#
  Relation: one row per row of facts (keys, experiment_id, fact, days_since_exposure, followed_days and
  value) and metric through whose window its unit was followed, in the window or on the covariate_days
  before the exposure (negative days): what it adds to the numerator and to the denominator. A proportion
  counts the days with the fact; only a ratio has a denominator.
#}
{% macro metric_parts(facts, metrics, keys) -%}
{%- set facts_keys = facts ~ '.' ~ keys | join(',\n        ' ~ facts ~ '.') -%}
    with

    parts as (

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

    )

    select
        {{ facts_keys }},
        {{ facts }}.experiment_id,
        parts.metric,
        {{ facts }}.days_since_exposure,
        case
            when not parts.is_numerator then cast(0 as bigint)
            when parts.is_counted then cast(1 as bigint)
            else {{ facts }}.value
        end as numerator,
        case
            when not parts.is_numerator then {{ facts }}.value
            when parts.is_ratio then cast(0 as bigint)
        end as denominator

    from {{ facts }}
    inner join parts
        on
            {{ facts }}.experiment_id = parts.experiment_id
            and {{ facts }}.fact = parts.fact
            and {{ facts }}.followed_days >= parts.window_end_day
            and {{ facts }}.days_since_exposure <= parts.window_end_day
            and {{ facts }}.days_since_exposure >= parts.first_day
            and (
                {{ facts }}.days_since_exposure < 0
                or {{ facts }}.days_since_exposure >= parts.window_start_day
            )
{%- endmacro %}
