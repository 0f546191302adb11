{# The value of a setting, or a usage error that names the setting, the value and what is allowed. #}
{% macro checked_setting(name, value, spec) -%}
{%- if value is none and spec['default'] is none -%}
    {{ return(none) }}
{%- endif -%}
{%- set ok = false -%}
{%- if spec['type'] in ('integer', 'number') -%}
    {%- set is_typed = (value is integer) if spec['type'] == 'integer' else (value is number and value is not boolean) -%}
    {%- set ok = is_typed
        and ('min' not in spec or value >= spec['min'])
        and ('above' not in spec or value > spec['above'])
        and ('max' not in spec or value <= spec['max']) -%}
{%- elif spec['type'] == 'date' -%}
    {%- set value = value | string -%}
    {%- set ok = is_iso_date(value) -%}
{%- elif spec['type'] == 'boolean' -%}
    {%- set ok = value is boolean -%}
{%- elif spec['type'] == 'text' -%}
    {%- set ok = value in spec['choices'] -%}
{%- elif spec['type'] == 'path' -%}
    {%- set ok = value is string and modules.re.match('[\\/\\\\]|[A-Za-z]:', value) is not none -%}
{%- endif -%}
{%- if not ok -%}
    {{ raise_usage_error(
        "Setting '" ~ name ~ "' is " ~ (tojson(value) if value is none or value is number else tojson(value | string))
        ~ ", but must be " ~ allowed_values(spec) ~ " (" ~ spec['meaning'][0] | lower ~ spec['meaning'][1:]
        ~ "). The default is " ~ ('null' if spec['default'] is none else spec['default']) ~ "."
    ) }}
{%- endif -%}
{{ return(value) }}
{%- endmacro %}
