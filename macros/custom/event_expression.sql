{# An expression of numbers of an event: its own, or those of its item, in columns of these owners' names. #}
{% macro event_expression(property) -%}
{%- set own = [] -%}
{%- for other in declared_properties('events', property['owner']) -%}
    {%- do own.append(other['name']) -%}
{%- endfor -%}
{%- set text = property['expression'] -%}
{%- set ns = namespace(text='') -%}
{%- for piece in modules.re.split('([a-z][a-z0-9_]*)', text) -%}
    {%- set is_name = modules.re.fullmatch('[a-z][a-z0-9_]*', piece) is not none -%}
    {%- set column = ('of_' ~ property['owner'] ~ '_' ~ piece if piece in own else 'item_' ~ piece) if is_name else piece -%}
    {%- set ns.text = ns.text ~ column -%}
{%- endfor -%}
{{ return(property_value({'method': 'expression', 'expression': ns.text, 'places': property['places']}, 'null')) }}
{%- endmacro %}
