{#
  Relation: the rows of `<prefix>_<world>__<entity>` of every source of experiments, which is a world,
  with its name as `source`. Worlds that are not built are left out, so that one world alone has an analysis, too. While nothing is built, as
  when SQL is linted, all are in.
#}
{% macro union_of_worlds(prefix, entity) -%}
{%- set relations, built = [], [] -%}
{%- for world in experiment_worlds() -%}
    {%- set relation = ref(prefix ~ '_' ~ world ~ '__' ~ entity) -%}
    {#- the rows of a unit test are in no schema -#}
    {%- do relations.append([world, relation]) -%}
    {%- if execute and (not relation.schema or load_relation(relation)) -%}
        {%- do built.append([world, relation]) -%}
    {%- endif -%}
{%- endfor -%}
{%- for world, relation in built or relations %}
    select
        '{{ world }}' as source,
        *
    from {{ relation }}
    {{ 'union all' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
