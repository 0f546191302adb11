{#
  Predicate: whether a user is active on a day: stays so long (one draw of the user, so that who has left
  stays away) and comes on that day (one of the day). Both probabilities multiply to the declared share times
  the weekday's factor. Everyone is active on the day of signing up.
#}
{% macro is_active_day(share, weekday_factor, stay_draw, activity_draw, days_since_signup) -%}
{%- set stays = stay_probability(share) -%}
    (
        {{ days_since_signup }} = 0
        or (
            {{ stay_draw }} < {{ stays }}
            and {{ activity_draw }} * {{ stays }} < {{ share }} * {{ weekday_factor }}
        )
    )
{%- endmacro %}
