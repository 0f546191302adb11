{#
  The columns that the declared properties of `users`, `sessions`, `items` or `events` become, in the order
  of the file, each with its type and, of categories, all their values. Events have the columns of their
  session and the ids of their items first.
#}
{% macro declared_columns(scope) -%}
{%- set columns = {} -%}
{%- if scope == 'users' and declaration()['has_visible_segments'] -%}
    {%- set names = [] -%}
    {%- for segment in declaration()['segments'] -%}
        {%- do names.append(segment[1]) -%}
    {%- endfor -%}
    {%- do columns.update({'segment': {'type': dbt.type_string(), 'values': names}}) -%}
{%- elif scope == 'events' -%}
    {%- do columns.update(declared_columns('sessions')) -%}
    {%- for kind in declaration()['items'] -%}
        {%- do columns.update({kind[1] ~ '_id': {'type': dbt.type_string(), 'values': none}}) -%}
    {%- endfor -%}
{%- endif -%}
{%- for property in declared_properties(scope) -%}
    {%- set known = columns.get(property['name']) or {'values': [], 'places': 0} -%}
    {%- if property['is_number'] -%}
        {%- set places = [property['places'], known['places']] | max -%}
        {%- set type = 'decimal(18, ' ~ places ~ ')' if places else 'bigint' -%}
        {%- do columns.update({property['name']: {'type': type, 'values': none, 'places': places}}) -%}
    {%- else -%}
        {%- set values = (known['values'] + property['values']) | unique(case_sensitive=true) | list -%}
        {%- do columns.update({property['name']: {'type': dbt.type_string(), 'values': values}}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(columns) }}
{%- endmacro %}
