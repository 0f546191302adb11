-- one row per item
with

run as (

    select * from {{ ref('gen__run') }}

),

kinds as (

    {{ parameters('items') }}

),

expanded as (

    select
        kinds.kind_number,
        kinds.kind,
        {{ unnest_range(1, 'kinds.item_count + 1') }} as popularity_rank

    from kinds

),

keyed as (

    select
        expanded.kind_number,
        expanded.kind,
        expanded.popularity_rank,
        0 as segment_number,
        concat(expanded.kind, '_', expanded.popularity_rank) as item_id,
        {{ fold_in(
            mix(bitwise_xor(
                bits('run.root_key', 'custom.items'), text_key('expanded.kind')
            )),
            'expanded.popularity_rank'
        ) }} as item_key

    from expanded
    cross join run

),

{%- for kind in declared_world()['items'] %}

described_{{ loop.index0 }} as (

    {{ with_properties('keyed', 'item_key', 'items', kind[1]) }}

),
{%- endfor %}

described as (

    {%- for kind in declared_world()['items'] %}
    select
        kind_number,
        popularity_rank,
        item_key,
        item_id,
        kind as item_kind
        {%- for name, column in declared_columns('items').items() %},
        {% if declared_properties('items', kind[1]) | selectattr('name', 'equalto', name) | list -%}
        cast({{ name }} as {{ column['type'] }})
        {%- else -%}
        cast(null as {{ column['type'] }})
        {%- endif %} as {{ name }}
        {%- endfor %}

    from described_{{ loop.index0 }}

    where kind_number = {{ loop.index0 }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        kind_number,
        popularity_rank,
        item_key,
        item_id,
        kind as item_kind

    from keyed
    {%- endfor %}

)

select * from described
