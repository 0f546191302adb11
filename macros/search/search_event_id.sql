{# The id of a search's event, from the search's key: wherever a row names its search. #}
{% macro search_event_id(search_key) -%}
    {{ uuid4(search_key, 'search.search_events.event_id') }}
{%- endmacro %}
