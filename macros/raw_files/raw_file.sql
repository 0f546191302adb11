{#
  The raw file of a table as {text, columns}: a query that reads it as text, and {name: expression on that} of
  its columns. None where there is no file and the table can be without (meta.is_optional_file); an error where
  it is missing, there twice, or lacks a column that has no meta.default.
#}
{% macro raw_file(node) -%}
{%- set world, meta = world_of(node), node['config']['meta'] -%}
{%- set name = raw_file_name(node) -%}
{%- set directory = raw_directory(world) -%}
{%- set paths = raw_file_paths(node) -%}
{%- if not paths and meta.get('is_optional_file') -%}
    {{ return(none) }}
{%- elif not paths -%}
    {{ raise_data_error(
        directory ~ ' has no file of ' ~ name ~ ': ' ~ name ~ '.csv, .jsonl or .parquet, or '
        ~ world ~ '/' ~ name ~ ', perhaps with .gz or .zst behind it'
    ) }}
{%- endif -%}
{%- set pieces = {} -%}
{%- for path in paths -%}
    {%- do pieces.setdefault(modules.re.sub('[^/]+=[^/]*/[^/.]+', '', path), path) -%}
{%- endfor -%}
{%- if pieces | length > 1 -%}
    {{ raise_data_error(
        directory ~ ' has ' ~ name ~ ' more than once: ' ~ pieces.values() | join(', ') ~ '. Leave one of them'
    ) }}
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
{%- set needed = [] -%}
{%- for column in node['columns'].values() if 'default' not in column['meta'] -%}
    {%- do needed.append(column['name']) -%}
{%- endfor -%}
{%- for column in needed if column not in columns -%}
    {{ raise_data_error(
        paths[0] ~ ' has no column ' ~ column ~ '. It needs ' ~ needed | join(', ') ~ ', and has ' ~ found | join(', ')
    ) }}
{%- endfor -%}
{{ return({'text': read_as_text(paths, format, found if format == 'jsonl' else []), 'columns': columns}) }}
{%- endmacro %}
