{# Relation: the items of every kind with the properties of their kind, those of other kinds null. #}
{% macro described_items(items) -%}
{%- for kind in declaration()['items'] or [[0, '']] %}
    {%- set own = declared_properties('items', kind[1]) | map(attribute='name') | list %}
    select
        kind_number,
        popularity_rank,
        item_key,
        item_id,
        {%- for name, column in declared_columns('items').items() %}
        cast({{ name if name in own else 'null' }} as {{ column['type'] }}) as {{ name }},
        {%- endfor %}
        item_kind

    from (
        {{ with_properties(items, 'item_key', 'items', kind[1]) }}
    ) as described

    where kind_number = {{ kind[0] }}
    {{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}
