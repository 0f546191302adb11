{#
  Runs before anything is built: every chosen world that is read from raw files has them, with their columns. All
  that is missing is one error.
#}
{% macro check_raw_files() -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- set faults = [] -%}
    {%- for world in selected_worlds() if raw_directory(world) -%}
        {%- set missing = [] -%}
        {%- for node in raw_tables(world) -%}
            {%- set file = raw_file(node) or {} -%}
            {%- do missing.append(raw_file_name(node)) if file.get('is_missing') -%}
            {%- do faults.append(file['fault']) if file.get('fault') and not file.get('is_missing') -%}
        {%- endfor -%}
        {%- do faults.append(
            raw_directory(world) ~ ' has no file of ' ~ missing | sort | join(', ') ~ ': it needs each as NAME.csv, .jsonl or '
            ~ '.parquet, or as ' ~ world ~ '/NAME…, perhaps with .gz or .zst behind it'
        ) if missing -%}
    {%- endfor -%}
    {%- if faults -%}
        {{ raise_data_error(faults | sort | join('; ')) }}
    {%- endif -%}
{%- endif -%}
{%- endmacro %}
