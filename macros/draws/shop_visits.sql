{#
  Relation: the given one with the columns of shop_visit(), each item's key being made of session_key
  and position (from 0).
#}
{% macro shop_visits(relation) -%}
    with

    visits_keyed as (

        select
            visited.*,
            {{ fold_in('visited.session_key', 'visited.position') }} as item_key

        from {{ relation }} as visited

    )

    select
        visits_keyed.*,
        {%- for name, expression in shop_visit('item_key').items() %}
        {{ expression }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

    from visits_keyed
{%- endmacro %}
