{#
  Relation: `relation` with one column more, `name`: the list of an expression's values for each
  element `place` of a list of structs, `places`, and the row `entry` of a small relation, `entries`,
  which has a row for each `position` from 0 on: that at place.position. The expression uses `columns`
  of the entry. DuckDB reads them from lists, as if from memory; `key` is the relation's key, by which
  Spark joins.
#}
{% macro looked_up_lists(relation, key, places, name, entries, columns, expression) -%}
    {{ return(adapter.dispatch('looked_up_lists', 'diorama')(
        relation, key, places, name, entries, columns, expression
    )) }}
{%- endmacro %}

{% macro duckdb__looked_up_lists(relation, key, places, name, entries, columns, expression) -%}
{%- set ns = namespace(value=expression) -%}
{%- for column in columns -%}
    {%- set ns.value = ns.value.replace(
        'entry.' ~ column, 'list_extract(entry.' ~ column ~ 's, place.position + 1)'
    ) -%}
{%- endfor -%}
    select
        looking.*,
        list_transform(looking.{{ places }}, lambda place: {{ ns.value }}) as {{ name }}

    from {{ relation }} as looking
    cross join (
        select
            {%- for column in columns %}
            list({{ column }} order by position) as {{ column }}s{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ entries }}
    ) as entry
{%- endmacro %}

{% macro spark__looked_up_lists(relation, key, places, name, entries, columns, expression) -%}
    select
        looking.*,
        coalesce(found.found_values, array()) as {{ name }}

    from {{ relation }} as looking
    left join (
        select
            expanded.{{ key }},
            {{ ordered_list(expression, 'expanded.number') }} as found_values
        from (select {{ key }}, posexplode({{ places }}) as (number, place) from {{ relation }}) as expanded
        left join {{ entries }} as entry on expanded.place.position = entry.position
        group by expanded.{{ key }}
    ) as found on looking.{{ key }} = found.{{ key }}
{%- endmacro %}
