{#
  A BIGINT that is unique to an event and does not depend on any other row: 32 bits of the user's
  number, 13 of the day (counted from -1000), 6 of the session within the day, 12 of the event
  within the session. Real events have numbers below 2048; extra rows of the dirt layer that need a
  fresh id add 2048.
#}
{% macro pack_event_id(user_number, day, session_number, event_number) -%}
    ((({{ user_number }} * 8192 + ({{ day }}) + 1000) * 64 + ({{ session_number }})) * 4096 + ({{ event_number }}))
{%- endmacro %}
