{# A path as a text of SQL, to be read: a file by its name, in which no character stands for others. #}
{% macro literal_path(path) -%}
    '{{ modules.re.sub('([*?\\[])', '[\\1]', path) | replace("'", "''") }}'
{%- endmacro %}
