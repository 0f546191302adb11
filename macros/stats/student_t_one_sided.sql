{#
  The relation with one more column: the upper tail P(T > statistic) of Student's t, as
  scipy.stats.t.sf(statistic, dof): half of the two-sided tail, or its complement below 0. Accuracy,
  NULL and NaN are those of student_t_sf2(), whose columns stay in the relation.
#}
{% macro student_t_one_sided(relation, statistic, dof, column) -%}
    with

    {{ column }}_doubled as (

        {{ student_t_sf2(relation, statistic, dof, column ~ '_both') | indent(4) }}

    )

    select
        {{ column }}_doubled.*,
        case
            when {{ statistic }} > 0 then {{ column }}_both / 2 else 1 - {{ column }}_both / 2
        end as {{ column }}

    from {{ column }}_doubled
{%- endmacro %}
