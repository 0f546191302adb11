{#
  Relation: one row per key, estimator and estimand with the columns of compared_arms, from cells: the
  sums of cell_sums by key, arm (is_treated) and stratum, with the assignment_probability of treatment.
  Results, days, segments and calibration all come from here; `stratified_only` leaves out what sees no
  strata.
#}
{% macro estimates(cells, keys, stratified=true, unstratified=true) -%}
    with

    {% if unstratified -%}
    cells_of_arms as (

        {{ summed_cells(cells, keys) | indent(4) }}

    ),

    moments_of_arms as (

        {{ cell_moments('cells_of_arms', keys) | indent(4) }}

    ),
    {%- endif %}

    {% if stratified -%}
    moments_of_strata as (

        {{ cell_moments(cells, keys) | indent(4) }}

    ),

    weighted_strata as (

        {{ stratum_weights('moments_of_strata', keys) | indent(4) }}

    ),
    {%- endif %}

    estimates_of_arms as (

        {% if unstratified -%}
        select * from (

        {{ arm_estimates('moments_of_arms', keys) | indent(4) }}

        ) as of_arms
        {%- endif %}
        {{ 'union all' if stratified and unstratified }}
        {% if stratified -%}
        select * from (

        {{ stratum_estimates('weighted_strata', keys) | indent(4) }}

        ) as of_strata
        {%- endif %}

    ),

    estimates_compared as (

        {{ compared_arms('estimates_of_arms', keys) | indent(4) }}

    )

    select * from estimates_compared
{%- endmacro %}
