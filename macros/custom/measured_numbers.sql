{#
  The numbers of events that sessions and days add up: for each column `<event>_<number>`, the event, the
  number and its decimals.
#}
{% macro measured_numbers() -%}
{%- set found = {} -%}
{%- for property in declared_properties('events') if property['is_number'] -%}
    {%- do found.update({property['owner'] ~ '_' ~ property['name']: property}) -%}
{%- endfor -%}
{{ return(found) }}
{%- endmacro %}
