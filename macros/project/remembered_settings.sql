{# The value of every setting that a world depends on, as_of included: what remember_build stores. #}
{% macro remembered_settings(world) -%}
{%- set values = {} -%}
{%- for name in var('settings') -%}
    {%- set prefix = name.split('_')[0] -%}
    {%- if prefix == world or prefix not in worlds() -%}
        {%- do values.update({name: setting(name)}) -%}
    {%- endif -%}
{%- endfor -%}
{{ return(values) }}
{%- endmacro %}
