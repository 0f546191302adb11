{#
  Relation: one row per session of active days, with its start. `days` has user_number, variant_number,
  segment_number, regime, day_number, day_key, session_rate (mean sessions of a day) and rate_factor_ppm, the
  user's own factor on what goes beyond the first one: 1 + a geometric number.
#}
{% macro sessions_begun(days, hours) -%}
    with

    rated as (

        select
            days.*,
            (session_rate - 1) * rate_factor_ppm / cast(1000000 as double) as further_rate,
            {{ uniform('day_key', 'custom.days.session_count') }} as session_count_draw

        from {{ days }} as days

    ),

    expanded as (

        select
            rated.*,
            {{ unnest_range(0, '1 + case when further_rate > 0 then least(2000, cast(floor(ln(1 - session_count_draw) / ln(further_rate / (1 + further_rate))) as bigint)) else 0 end') }}
                as session_number

        from rated

    ),

    keyed as (

        select
            expanded.*,
            {{ fold_in('day_key', 'session_number') }} as session_key

        from expanded

    ),

    drawn as (

        select
            keyed.*,
            24 * {{ uniform('session_key', 'custom.sessions.hour') }} as hour_position,
            {{ integers('session_key', 'custom.sessions.time_in_hour', 0, 3600000) }} as ms_in_hour

        from keyed

    )

    select
        drawn.user_number,
        drawn.variant_number,
        drawn.segment_number,
        drawn.regime,
        drawn.day_number,
        drawn.session_number,
        drawn.session_key,
        {{ epoch_ms_literal(world_start_date('custom')) }} + drawn.day_number * 86400000
        + case
            when drawn.hour_position - hours.bucket < hours.own_share then hours.category
            else hours.alias_category
        end * 3600000 + drawn.ms_in_hour as started_at_ms

    from drawn
    inner join {{ hours }} as hours on cast(floor(drawn.hour_position) as bigint) = hours.bucket
{%- endmacro %}
