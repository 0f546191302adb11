{#
  A BIGINT that is unique to an event, increases with user and time, and does not depend on any other
  user: 26 bits of the user's number (from 0), 11 of the day (to 2047), 17 of the second of the day,
  7 of the slot (0 to 127) that the event has among those of its user's day, and the lowest bit,
  which is 0; extra rows of the dirt layer that need a fresh id add 1.
#}
{% macro pack_timed_event_id(user_number, day, second, slot) -%}
    ((((({{ user_number }}) * 2048 + ({{ day }})) * 131072 + ({{ second }})) * 128 + ({{ slot }})) * 2)
{%- endmacro %}
