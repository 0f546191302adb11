{#
  The raw file of a table as {text, columns, fault}: a query that reads it as text, {name: expression on that} of
  its columns, and what is wrong with it, or none: it is missing (is_missing is true then), there twice, or
  lacks columns that have no meta.default. None where there is no file and the table can be
  without (meta.is_optional_file).
#}
{% macro raw_file(node) -%}
{%- set meta, name, paths = node['config']['meta'], raw_file_name(node), raw_file_paths(node) -%}
{%- set directory = raw_directory(world_of(node)) -%}
{%- if not paths -%}
    {{ return(none if meta.get('is_optional_file') else {'is_missing': true, 'fault': directory ~ ' has no file of ' ~ name}) }}
{%- endif -%}
{%- set pieces = {} -%}
{%- for path in paths -%}
    {%- do pieces.setdefault(modules.re.sub('[^/]+=[^/]*/[^/.]+', '', path), path) -%}
{%- endfor -%}
{%- if pieces | length > 1 -%}
    {{ return({'fault': directory ~ ' has ' ~ name ~ ' more than once (' ~ pieces.values() | join(', ') ~ ')'}) }}
{%- endif -%}
{%- set format = modules.re.search('\\.(csv|jsonl|parquet)(?:\\.gz|\\.zst)?$', paths[0]).group(1) -%}
{%- set found = run_query('select * from (' ~ read_as_text(paths, format) ~ ') as file limit 0').column_names | list -%}
{%- set columns = {} -%}
{%- for column in found -%}
    {%- do columns.update({column | lower: adapter.quote(column)}) -%}
{%- endfor -%}
{%- for object, fields in ((meta.get('export') or {}).get('jsonl') or {}).get('nested', {}).items()
    if format == 'jsonl' and object in columns -%}
    {%- for key, column in fields.items() if column not in columns -%}
        {%- do columns.update({column: json_field(columns[object], key)}) -%}
    {%- endfor -%}
{%- endfor -%}
{%- for column, mark in ((meta.get('export') or {}).get('csv_nulls') or {}).items() if format == 'csv' and column in columns -%}
    {%- do columns.update({column: 'nullif(' ~ columns[column] ~ ", '" ~ mark ~ "')"}) -%}
{%- endfor -%}
{%- set needed, lacking = [], [] -%}
{%- for column in node['columns'].values() if 'default' not in column['meta'] -%}
    {%- do needed.append(column['name']) -%}
    {%- do lacking.append(column['name']) if column['name'] not in columns -%}
{%- endfor -%}
{%- set fault = paths[0] ~ ' has no column ' ~ lacking | join(', ') ~ ' (it needs ' ~ needed | join(', ')
    ~ ', and has ' ~ found | join(', ') ~ ')' -%}
{{ return({
    'text': read_as_text(paths, format, found if format == 'jsonl' else []),
    'columns': columns,
    'fault': fault if lacking
}) }}
{%- endmacro %}
