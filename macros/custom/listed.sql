{# Select list: for each name, a template in which {} stands for it, with a comma. #}
{% macro listed(names, template='{}') -%}
{%- for name in names %}
        {{ template | replace('{}', name) }},
{%- endfor %}
{%- endmacro %}
