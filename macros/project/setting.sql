{#
  The value of a declared knob, checked. Models use this instead of var(), which would run Jinja found in
  a value of --vars; no unchecked value ever reaches SQL.
  A null of a knob with `of_profile` stands for the number of the world's profile: of those few
  numbers that are needed when models are compiled, such as the users to count up to.
#}
{% macro setting(name) -%}
{%- set settings = var('settings') -%}
{%- if name not in settings -%}
    {{ unknown_setting(name) }}
{%- endif -%}
{%- set spec = settings[name] -%}
{%- set value = checked_setting(name, given_setting(name, spec), spec) -%}
{%- if value is none and 'of_profile' in spec -%}
    {{ return(spec['of_profile'][setting(name.split('_')[0] ~ '_profile')]) }}
{%- endif -%}
{{ return(value) }}
{%- endmacro %}
