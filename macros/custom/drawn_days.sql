{#
  Relation: one row per user and day of the world from `first_day` on, with the draws of that day. `users` has
  the columns of gen_custom__users that days depend on, and `further_columns`, which stay. With
  `largest_factor`, SQL that says by what an effect multiplies retention at most, days are left out on which
  the user has left for good.
#}
{% macro drawn_days(users, first_day, further_columns=[], largest_factor=none) -%}
{%- set day_below = days_happened('custom') -%}
    with

    narrowed as (

        select
            user_number,
            user_key,
            segment_number,
            signup_day,
            sessions_per_active_day,
            rate_factor_ppm,
            stay_draw
            {%- for column in further_columns %},
            {{ column }}
            {%- endfor %}

        from {{ users }}

    ),

    spread as (

        {{ spread_over_threads('narrowed') }}

    ),
    {%- if largest_factor is not none %}

    -- retention never rises, so that who has left stays away
    last_days as (

        select
            segment_number,
            {{ stay_probability('active_share * ' ~ largest_factor) }} as stay_probability,
            max(days_since_signup) as days_since_signup

        from {{ ref('gen_custom__retention') }}

        group by segment_number, stay_probability

    ),

    staying as (

        select
            spread.*,
            coalesce(last_days.days_since_signup, 0) as last_day_since_signup

        from spread
        asof left join last_days
            on
                spread.segment_number = last_days.segment_number
                and spread.stay_draw < last_days.stay_probability

    ),
    {%- set day_below = 'least(' ~ day_below ~ ', signup_day + last_day_since_signup + 1)' %}
    {%- endif %}

    expanded_to_days as (

        select
            each_user.*,
            {{ unnest_range(first_day, day_below) }} as day_number

        from {{ 'spread' if largest_factor is none else 'staying' }} as each_user

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
