{#
  Relation: the rows with p-values adjusted for the number of tests in a family, as columns
  <p_value>_holm (Holm 1979: familywise error) and <p_value>_bh (Benjamini and Hochberg 1995: false
  discovery rate). Null p-values are no tests. `key` is unique in a family and orders ties.
#}
{% macro multiple_testing(relation, p_value, family, key) -%}
{%- set families = 'partition by ' ~ family | join(', ') -%}
    with

    tests_ranked as (

        select
            *,
            count({{ p_value }}) over ({{ families }}) as test_count,
            row_number() over (
                {{ families }} order by {{ p_value }} asc nulls last, {{ key }}
            ) as test_rank

        from {{ relation }}

    ),

    tests_adjusted as (

        select
            *,
            case
                when {{ p_value }} is not null
                    then max(least(1, (test_count - test_rank + 1) * {{ p_value }}))
                        over ({{ families }} order by test_rank)
            end as {{ p_value }}_holm,
            case
                when {{ p_value }} is not null
                    then min(least(1, cast(test_count as double) / test_rank * {{ p_value }}))
                        over ({{ families }} order by test_rank desc)
            end as {{ p_value }}_bh

        from tests_ranked

    )

    select * from tests_adjusted
{%- endmacro %}
