{# The root of all draws of a session, for `steps` with day_number and session_number. #}
{% macro session_key(user_key, steps) -%}
    {{ fold_in(fold_in(user_key, steps ~ '.day_number'), steps ~ '.session_number') }}
{%- endmacro %}
