{# Raises an error of wrong use; the command line shows the text behind the mark and exits with 2. #}
{% macro raise_usage_error(message) -%}
{{ exceptions.raise_compiler_error('[usage] ' ~ message) }}
{%- endmacro %}
