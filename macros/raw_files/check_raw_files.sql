{# Runs before anything is built: every chosen world that is read from raw files has them, with their columns. #}
{% macro check_raw_files() -%}
{%- if execute and flags.WHICH in ('build', 'run') -%}
    {%- for world in selected_worlds() if raw_directory(world) -%}
        {%- for node in raw_tables(world) -%}
            {%- do raw_file(node) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endif -%}
{%- endmacro %}
