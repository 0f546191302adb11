{#
  The relation with a column for each property of users, sessions or a kind of item, drawn by `key`. The
  relation has segment_number, on which categories may depend. The draws stay in it as columns `draw_…`.
#}
{% macro with_properties(relation, key, scope, owner=none) -%}
{%- set properties = declared_properties(scope, owner) -%}
    with

    drawn as (

        select
            given.*
            {%- for property in properties %},
            {{ property_draw(property, 'given.' ~ key) or 'null' }} as draw_{{ property['name'] }}
            {%- endfor %}

        from {{ relation }} as given

    ),

    valued as (

        select
            drawn.*
            {%- for property in properties if property['method'] != 'expression' %},
            {{ property_value(property, 'draw_' ~ property['name']) }} as {{ property['name'] }}
            {%- endfor %}

        from drawn

    ),

    computed as (

        select
            valued.*
            {%- for property in properties if property['method'] == 'expression' %},
            {{ property_value(property, 'null') }} as {{ property['name'] }}
            {%- endfor %}

        from valued

    )

    select * from computed
{%- endmacro %}
