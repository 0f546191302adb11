{# The number of the event that picked the item which an event of this kind of item is about. #}
{% macro picked_number(item_kind) -%}
    case {{ item_kind }}
        {%- for kind in declaration()['items'] %}
        when {{ kind[0] }} then picked_{{ kind[0] }}
        {%- endfor %}
        when -1 then cast(null as integer)
    end
{%- endmacro %}
