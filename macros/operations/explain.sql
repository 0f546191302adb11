{#
  Run-operation. Emits what the tables of a world hold of one user: first {user_number, user_id,
  variant}, then {model, columns, rows} of each section, in order. `user` is {schema, name, id,
  number, variant}, the relation that knows the user, with three expressions. A section is {model,
  schema, name, of}, the column whose value (`is_number`: the number, else the id) makes a row
  the user's, and the columns to show; for both arms instead what explain_arms() needs. Emits nothing where there is no such user.
#}
{% macro explain(user, user_id, user_number, sections) -%}
{%- set text = dbt.type_string() -%}
{%- set wanted -%}
    {%- if user_number is not none -%}
        {{ user['number'] }} = {{ user_number | int }}
    {%- else -%}
        cast({{ user['id'] }} as {{ text }}) = '{{ user_id | string | replace("'", "''") }}'
    {%- endif -%}
{%- endset -%}
{%- set found = run_query(
    'select cast(' ~ user['id'] ~ ' as ' ~ text ~ ') as user_id, ' ~ user['number'] ~ ' as user_number, cast('
    ~ user['variant'] ~ ' as ' ~ text ~ ') as variant, ' ~ user['is_in_experiment'] ~ ' as is_in_experiment from ' ~ user['schema'] ~ '.' ~ user['name']
    ~ ' where ' ~ wanted ~ ' limit 1'
).rows -%}
{%- if found -%}
    {%- set id, number, is_in_experiment = found[0][0], found[0][1] | int, found[0][3] -%}
    {%- do emit({
        'user_id': id, 'user_number': number, 'variant': found[0][2], 'is_in_experiment': is_in_experiment,
    }) -%}
    {%- for section in sections -%}
        {%- set value = number if section['is_number'] else "'" ~ id | replace("'", "''") ~ "'" -%}
        {%- set rows = 'select * from ' ~ section['schema'] ~ '.' ~ section['name'] ~ ' where '
            ~ section['of'] ~ ' = ' ~ value -%}
        {%- if section.get('measures') -%}
            {%- set record = {
                'rows': rows_of_query(explain_arms(rows, section, section['by'], is_in_experiment)),
                'totals': rows_of_query(explain_arms(rows, section, [], is_in_experiment)),
            } -%}
        {%- else -%}
            {%- set columns = section['columns'] | join(', ') -%}
            {%- set record = {'rows': rows_of_query(
                'select distinct ' ~ columns ~ ' from (' ~ rows ~ ') as given order by ' ~ columns
            )} -%}
        {%- endif -%}
        {%- do record.update({'section': loop.index0}) -%}
        {%- do emit(record) -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro %}
