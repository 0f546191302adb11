{# What a setting's declaration allows, in words. #}
{% macro allowed_values(spec) -%}
{%- if spec['type'] == 'text' -%}
    {{ return('one of ' ~ spec['choices'] | join(', ')) }}
{%- endif -%}
{%- if spec['type'] == 'path' -%}
    {{ return('the absolute path of a directory') }}
{%- endif -%}
{%- if spec['type'] == 'date' -%}
    {{ return('a date from 1970-01-02 to 2261-12-31, as YYYY-MM-DD') }}
{%- endif -%}
{%- if spec['type'] == 'boolean' -%}
    {{ return('true or false') }}
{%- endif -%}
{%- set range = 'above ' ~ spec['above'] ~ ', at most ' if 'above' in spec else 'from ' ~ spec['min'] ~ ' to ' -%}
{{ return(('an integer ' if spec['type'] == 'integer' else 'a number ') ~ range ~ spec['max']) }}
{%- endmacro %}
