{#
  dbt override: dbt's own answer, or true where the relation was built from other settings of its world,
  holds later deliveries than as_of asks for, or does not hold the rows that its build left in it:
  such a relation is rebuilt, never added to. So is one of which only a part is wanted.
#}
{% macro should_full_refresh() -%}
{%- set configured = config.get('full_refresh') -%}
{#- a setting that is not configured is there as none -#}
{%- if (flags.FULL_REFRESH if configured is none else configured) or is_partial_build() -%}
    {{ return(true) }}
{%- endif -%}
{%- set world = world_of(model) -%}
{%- if world not in worlds() -%}
    {{ return(false) }}
{%- endif -%}
{%- set memory = recorded_build(this) -%}
{%- if memory is none
    or memory['settings'] != settings_fingerprint(world)
    or memory['delivered_until'] > delivered_until(world) | string -%}
    {{ return(true) }}
{%- endif -%}
{{ return(load_relation(this) is not none and memory.get('rows') != row_count(this)) }}
{%- endmacro %}
