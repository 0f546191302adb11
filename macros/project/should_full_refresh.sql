{#
  dbt's own answer, or true where the relation was built from other settings of its world, or
  already holds later deliveries than as_of asks for: such a relation is made anew, never added to.
#}
{% macro should_full_refresh() -%}
{%- if config.get('full_refresh', flags.FULL_REFRESH) -%}
    {{ return(true) }}
{%- endif -%}
{%- set world = world_of(model) -%}
{%- if world not in worlds() -%}
    {{ return(false) }}
{%- endif -%}
{%- set memory = remembered_build(this) -%}
{{ return(
    memory is none
    or memory['settings'] != settings_fingerprint(world)
    or memory['delivered_until'] > delivered_until(world) | string
) }}
{%- endmacro %}
