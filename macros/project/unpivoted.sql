{#
  Relation: one row per row of a relation and named column of whole numbers that is not 0 there, with
  the name in `fact` and the number in `value`. `facts` are names of columns, or columns by name.
#}
{% macro unpivoted(relation, keys, facts) -%}
    with

    fact_names as (

        {% for fact in facts -%}
        select '{{ fact }}' as fact
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    fact_values as (

        select
            {{ keys | join(',\n            ') }},
            fact,
            case fact
                {%- for fact in facts %}
                when '{{ fact }}' then cast({{ facts[fact] if facts is mapping else fact }} as bigint)
                {%- endfor %}
            end as value

        from {{ relation }}
        cross join fact_names

    )

    select * from fact_values

    where value != 0
{%- endmacro %}
