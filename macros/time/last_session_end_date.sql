{# The day before whose midnight every session of a world has ended: sessions may run past the last midnight. #}
{% macro last_session_end_date(world) -%}
{{ return(world_end_date(world) + modules.datetime.timedelta(days=1)) }}
{%- endmacro %}
