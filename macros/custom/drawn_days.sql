{#
  Relation: one row per user and day of the world from `first_day` on, with the draws of that day. `users` has
  what gen_custom__users has, or a part of its users; all its columns stay.
#}
{% macro drawn_days(users, first_day) -%}
    with

    spread as (

        {{ spread_over_threads(users) }}

    ),

    expanded_to_days as (

        select
            spread.*,
            {{ unnest_range(first_day, days_happened('custom')) }} as day_number

        from spread

    ),

    keyed as (

        select
            expanded_to_days.*,
            day_number - signup_day as days_since_signup,
            (day_number + {{ world_start_date('custom').isoweekday() - 1 }}) % 7 + 1 as day_of_week,
            {{ fold_in('user_key', 'day_number') }} as day_key

        from expanded_to_days

    )

    select
        keyed.*,
        {{ uniform('keyed.day_key', 'custom.days.activity') }} as activity_draw,
        retention.active_share,
        weekdays.factor as weekday_factor

    from keyed
    inner join {{ ref('gen_custom__retention') }} as retention
        on
            keyed.segment_number = retention.segment_number
            and keyed.days_since_signup = retention.days_since_signup
    inner join (
        {{ parameters('weekdays') }}
    ) as weekdays on keyed.day_of_week = weekdays.day_of_week
{%- endmacro %}
