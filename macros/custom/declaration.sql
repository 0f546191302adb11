{# The declared world (declared_world); where there is none, one without anything, of which nothing is built. #}
{% macro declaration() -%}
{{ return(declared_world() or {
    'name': 'custom', 'folder': 'custom', 'has_visible_segments': false, 'activity_spread': 0,
    'signups_before': 0, 'signups_before_days': 1, 'signups_weekly_growth': 0,
    'segments': [], 'weekdays': [], 'events': [], 'items': [], 'properties': [], 'facts': [], 'thresholds': [],
    'variants': [],
}) }}
{%- endmacro %}
