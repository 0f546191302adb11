{# What a setting's declaration allows, in words. #}
{% macro allowed_values(spec) -%}
{%- if spec['type'] == 'text' -%}
    {{ return('one of ' ~ spec['choices'] | join(', ')) }}
{%- endif -%}
{%- if spec['type'] == 'date' -%}
    {{ return('a date as YYYY-MM-DD') }}
{%- endif -%}
{%- if spec['type'] == 'boolean' -%}
    {{ return('true or false') }}
{%- endif -%}
{%- set lower = 'above ' ~ spec['above'] if 'above' in spec else 'from ' ~ spec['min'] -%}
{{ return(('an integer ' if spec['type'] == 'integer' else 'a number ') ~ lower ~ ' to ' ~ spec['max']) }}
{%- endmacro %}
