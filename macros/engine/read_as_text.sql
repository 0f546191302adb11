{#
  Query that reads files of one format (parquet, csv or jsonl) as one relation, every column as text. Lines
  of JSON are read by the names of their columns.
#}
{% macro read_as_text(paths, format, names=[]) -%}
    {{ return(adapter.dispatch('read_as_text', 'diorama')(paths, format, names)) }}
{%- endmacro %}

{% macro duckdb__read_as_text(paths, format, names) -%}
{%- set files = named_files(paths) -%}
{%- if format == 'parquet' -%}
    select cast(columns(*) as varchar) from read_parquet({{ files }}, union_by_name = true)
{%- elif format == 'csv' -%}
    {#- nothing is guessed: a file with a broken line would lose the lines before it -#}
    select * from read_csv(
        {{ files }}, all_varchar = true, header = true, skip = 0, delim = ',', quote = '"', escape = '"',
        comment = '', union_by_name = true
    )
{%- elif names -%}
    {%- set columns = [] -%}
    {%- for name in names -%}
        {%- do columns.append('"' ~ name ~ "\": 'varchar'") -%}
    {%- endfor -%}
    select * from read_json(
        {{ files }}, format = 'newline_delimited', columns = {{ '{' ~ columns | join(', ') ~ '}' }}
    )
{%- else -%}
    select * from read_json(
        {{ files }}, format = 'newline_delimited', maximum_depth = 1, sample_size = -1, union_by_name = true
    )
{%- endif -%}
{%- endmacro %}

{% macro spark__read_as_text(paths, format, names) -%}
{{ raise_usage_error("Raw files are read by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
