{#
  Relation: the rows of `<prefix>_<world>__<entity>` of every source of experiments, with its name as
  `source`: of the worlds, and, behind them, of the input that a project or plan brings (`inputs`, source
  `yours`), of which no truth is known. Worlds that are not built are left out, so that one world alone
  has an analysis, too. While nothing is built, as when SQL is linted, all are in.
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
{%- set yours = input_relation(entity) if prefix == 'int' -%}
{%- for world, relation in built or (relations if not (execute and yours) else []) %}
    select
        '{{ world }}' as source,
        *
    from {{ relation }}
    {{ 'union all' if yours or not loop.last }}
{%- endfor -%}
{%- if yours %}
    select
        'yours' as source,
        given.*
    from (
        {{ input_rows(entity) }}
    ) as given
{%- endif -%}
{%- endmacro %}
