{# Raises an error of files that cannot be used; the command line shows the text behind the mark and exits with 1. #}
{% macro raise_data_error(message) -%}
{{ exceptions.raise_compiler_error('[data] ' ~ message) }}
{%- endmacro %}
