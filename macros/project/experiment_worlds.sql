{#
  The names of the worlds in which an experiment runs: they have the models of union_of_worlds. All, or
  those that `worlds` names: none where a project brings its own experiments (`inputs`).
#}
{% macro experiment_worlds() -%}
{%- set chosen = var('worlds', none) -%}
{%- if chosen is none -%}
    {{ return(worlds()) }}
{%- endif -%}
{%- set unknown = chosen | reject('in', worlds()) | list -%}
{%- if unknown -%}
    {{ raise_usage_error(
        "There is no world '" ~ unknown[0] ~ "' for `worlds`. The worlds are " ~ worlds() | join(', ') ~ "."
    ) }}
{%- endif -%}
{{ return(chosen) }}
{%- endmacro %}
