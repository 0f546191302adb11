{#
  Run-operation. Writes tables to files and emits one record per file, then one with the run, what
  the exported relations were built from, and the column of their folders, by name. Each table is
  {schema, name, columns, without, order, path, shape, csv_nulls, derived}: columns null for all, without
  those of them to leave out, order the columns by which rows are sorted (none: not sorted; empty: all),
  path without suffix, shape how JSON lines differ (export_expressions), csv_nulls the texts for null in
  CSV by column, derived further columns by setting and value. as_floats: decimals become doubles.
  A partition is one file of its own, `<path>.<number><suffix>`, whose place is given by its value:
  one COPY each keeps memory low, where PARTITION_BY holds every partition open.
#}
{% macro export(tables, format, suffix, compression, partition_by, as_floats=false) -%}
{%- set memories, folders = {}, {} -%}
{%- for table in tables -%}
    {%- set relation = adapter.get_relation(target.database, table['schema'], table['name']) -%}
    {%- do memories.update({table['name']: remembered_build(relation)}) -%}
    {%- do folders.update({table['name']: export_folder(relation, partition_by)}) -%}
{%- endfor -%}
{%- if partition_by and not folders.values() | select | list -%}
    {{ raise_usage_error(
        "No exported table has a column '" ~ partition_by ~ "'. Choose another for --partition-by."
    ) }}
{%- endif -%}
{%- for table in tables -%}
    {%- set relation = adapter.get_relation(target.database, table['schema'], table['name']) -%}
    {%- set columns = export_columns(relation, table['columns'], table.get('without') or []) -%}
    {%- set folder = folders[table['name']] -%}
    {%- set shape = {'as_floats': as_floats} -%}
    {%- if format == 'csv' -%}
        {%- do shape.update({'nulls': table.get('csv_nulls') or {}}) -%}
    {%- elif format == 'jsonl' -%}
        {%- do shape.update(table.get('shape') or {}) -%}
        {%- do shape.update({'texts': columns_beyond_double(relation, columns)}) -%}
    {%- endif -%}
    {%- set derived = export_derived(memories[table['name']], table.get('derived')) -%}
    {%- for part in export_parts(relation, columns, partition_by if folder else none, shape, derived, table.get('order')) -%}
        {%- set path = table['path'] ~ ('.' ~ loop.index if folder else '') ~ suffix -%}
        {%- do run_query(copy_to_file(part['query'], path, format, compression)) -%}
        {%- do emit({
            'name': table['name'], 'path': path, 'folder': folder, 'value': part['value'],
            'rows': part['rows'], 'fingerprint': part['fingerprint'],
        }) -%}
    {%- endfor -%}
{%- endfor -%}
{%- do emit({'run': remembered_run(), 'memories': memories, 'folders': folders}) -%}
{%- endmacro %}
