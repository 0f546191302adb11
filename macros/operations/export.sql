{#
  Run-operation. Writes tables to files and emits one record per file, then one with the run, what
  the exported relations were built from, and the column of their folders, by name. Each table is
  {schema, name, columns, path, shape, csv_nulls, derived}: columns null for all, path without suffix,
  shape how JSON lines differ (export_expressions), csv_nulls the texts for null in CSV by column,
  derived further columns by setting and value.
  A partition is one file of its own, `<path>.<number><suffix>`, whose place is given by its value:
  one COPY each keeps memory low, where PARTITION_BY holds every partition open.
#}
{% macro export(tables, format, suffix, compression, partition_by) -%}
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
    {%- set columns = export_columns(relation, table['columns']) -%}
    {%- set folder = folders[table['name']] -%}
    {%- set shape = (table.get('shape') or {}) if format == 'jsonl' else {} -%}
    {%- if format == 'csv' -%}
        {%- set shape = {'nulls': table.get('csv_nulls') or {}} -%}
    {%- endif -%}
    {%- set derived = export_derived(memories[table['name']], table.get('derived')) -%}
    {%- for part in export_parts(relation, columns, partition_by if folder else none, shape, derived) -%}
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
