{#
  Run-operation. Compares tables that two places hold, and emits a record for each: rows and content
  fingerprint of each side (none where it has no such table) over the columns that both have and,
  where they differ, how many rows only one side has and the first of them (see diff_first). Each
  table is {name, left, right, key}; a side is {schema, name} in its database, {files, format}, or
  none. Databases are files or none; a table that is a view in both is left out.
#}
{% macro diff(left_database, right_database, tables) -%}
{%- set held = {} -%}
{%- for side, path in [('left', left_database), ('right', right_database)] if path -%}
    {%- do run_query(attach_database(path, side ~ '_side')) -%}
    {%- do held.update({side: attached_relations(side ~ '_side')}) -%}
{%- endfor -%}
{%- for table in tables -%}
    {%- set queries, kinds = {}, [] -%}
    {%- for side in ['left', 'right'] if table[side] -%}
        {%- set kind = held.get(side, {}).get(table[side].get('schema'), {}).get(table[side].get('name')) -%}
        {%- if kind or 'files' in table[side] -%}
            {%- do queries.update({side: diff_query(table[side], side ~ '_side')}) -%}
            {%- do kinds.append(kind) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if queries | length == 2 and kinds != ['view', 'view'] -%}
        {%- do emit(diff_table(table, queries['left'], queries['right'])) -%}
    {%- elif queries | length == 1 and kinds != ['view'] -%}
        {%- do emit({
            'table': table['name'],
            'left': diff_counted(queries['left']) if 'left' in queries else none,
            'right': diff_counted(queries['right']) if 'right' in queries else none,
        }) -%}
    {%- endif -%}
{%- endfor -%}
{%- endmacro %}
