{# The id of a click's event, from the click's key: wherever a row names its click. #}
{% macro click_event_id(click_key) -%}
    {{ uuid4(click_key, 'search.click_events.event_id') }}
{%- endmacro %}
