{#
  Whether any event that a session of the learning world can have of its own (slots 0 to 5) would get
  a defect: where none would, no event need be drawn to know that all are sound.
#}
{% macro learning_session_has_defects(session_key) -%}
    least(
        {%- for slot in range(6) %}
        {{ learning_defect_draw(fold_in(session_key, slot)) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) < {{ setting('defect_rate') }}
{%- endmacro %}
