{# The probability that a user of whom it is known how long they stay is active on a day (is_active_day). #}
{% macro activity_chance(share, weekday_factor, stay_draw) -%}
{%- set stays = stay_probability(share) -%}
    case
        when {{ stay_draw }} < {{ stays }} then least(1, {{ share }} * {{ weekday_factor }} / {{ stays }})
        else 0
    end
{%- endmacro %}
