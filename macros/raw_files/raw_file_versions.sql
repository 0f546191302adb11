{# Size and time of change of every raw file that a world is read from, as one text. #}
{% macro raw_file_versions(world) -%}
{%- set paths = [] -%}
{%- for node in raw_tables(world) -%}
    {%- do paths.extend(raw_file_paths(node)) -%}
{%- endfor -%}
{{ return(file_versions(paths) if paths else '') }}
{%- endmacro %}
