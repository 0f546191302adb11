{#
  A BIGINT that is unique to an event and does not depend on any other row: 32 bits of the user's
  number (a BIGINT from 0), 13 of the day (from -1000 to 7191), 6 of the session within the day
  (0 to 63), 12 of the event within the session (0 to 4095). Real events have numbers below 2048; extra rows of the dirt layer that need a
  fresh id add 2048.
#}
{% macro pack_event_id(user_number, day, session_number, event_number) -%}
    (((({{ user_number }}) * 8192 + ({{ day }}) + 1000) * 64 + ({{ session_number }})) * 4096 + ({{ event_number }}))
{%- endmacro %}
