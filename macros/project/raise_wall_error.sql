{# Raises the usage error for a node that reads what lies behind the truth wall. #}
{% macro raise_wall_error(node, read) -%}
{{ raise_usage_error(
    node['resource_type'] | capitalize ~ ' ' ~ node['name'] ~ ' (' ~ node['original_file_path'] ~ ') reads ' ~ read
    ~ ", which lies behind the truth wall: analysis must see only what a tracker sent, as staging cleans it."
    ~ " Read a staging model instead; what compares with the truth belongs to models/truth or, as a test, to"
    ~ " the group generator."
) }}
{%- endmacro %}
