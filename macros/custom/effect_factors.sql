{#
  Relation: one row per regime, segment and what effects are on, with their factor: times, the novelty that
  wears off, and effect_scale. Effects on the same thing multiply. `effects` are those of a declared world,
  `regimes` the relation of gen_custom__regimes.
#}
{% macro effect_factors(effects, regimes) -%}
    with

    aged as (

        select
            regimes.regime,
            regimes.experiment_number,
            regimes.variant_number,
            effects.segment_number,
            effects.target,
            effects.event_number,
            effects.next_number,
            effects.factor * (
                1
                + (coalesce(effects.novelty, 1) - 1) * power(
                    cast(0.5 as double),
                    regimes.days_since_exposure / coalesce(effects.half_life_days, 1)
                )
            ) as full_factor

        from {{ regimes }} as regimes
        inner join {{ effects }} as effects
            on
                regimes.experiment_number = effects.experiment_number
                and regimes.variant_number = effects.variant_number

    ),

    scaled as (

        select
            aged.*,
            greatest(
                1 + (aged.full_factor - 1) * {{ setting('effect_scale') }},
                cast(0.000001 as double)
            ) as factor

        from aged

    ),

    -- effects on the same thing multiply
    combined as (

        select
            regime,
            segment_number,
            target,
            event_number,
            next_number,
            exp({{ ordered_sum('ln(factor)', 'factor') }}) as factor

        from scaled

        group by regime, segment_number, target, event_number, next_number

    )

    select * from combined
{%- endmacro %}
