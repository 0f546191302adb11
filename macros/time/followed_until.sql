{#
  Relation: one row per world with an experiment, with followed_until, the last date that the world's
  tables cover.
#}
{% macro followed_until() -%}
{%- for world in experiment_worlds() %}
    select
        '{{ world }}' as world,
        date '{{ last_delivered_date(world) }}' as followed_until
    {{ 'union all' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
