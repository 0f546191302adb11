{#
  The properties that the declared world gives to `users`, `sessions`, `items` or `events`, of one owner
  (a kind of item, an event) or of all.
#}
{% macro declared_properties(scope, owner=none) -%}
{%- set found = [] -%}
{%- for property in declaration()['properties'] -%}
    {%- if property['scope'] == scope and owner in (none, property['owner']) -%}
        {%- do found.append(property) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(found) }}
{%- endmacro %}
