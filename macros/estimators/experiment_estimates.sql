{#
  Relation: one row per key with the columns of compared_arms, from the cells of compared_cells: the
  estimate that decides (decisive_estimates). Days, segments, dates and replicates all use it.
#}
{% macro experiment_estimates(cells, keys) -%}
    with

    estimates_of_all as (

        {{ estimates(cells, keys, decisive=true) | indent(4) }}

    ),

    estimates_ranked as (

        {{ decisive_estimates('estimates_of_all', keys) | indent(4) }}

    )

    select * from estimates_ranked

    where is_decisive
{%- endmacro %}
