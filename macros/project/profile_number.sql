{#
  Aggregate expression over the rows (parameter, value) of a world's profile: the number of one
  parameter, or the setting <world>_<parameter> where there is one and it is given.
#}
{% macro profile_number(world, parameter) -%}
{%- set name = world ~ '_' ~ parameter -%}
{%- set given = setting(name) if name in var('settings') else none -%}
    {%- if given is not none -%}
    cast({{ given }} as double)
    {%- else -%}
    max(case when parameter = '{{ parameter }}' then value end)
    {%- endif -%}
{%- endmacro %}
