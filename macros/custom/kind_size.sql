{# The number of items of a kind. #}
{% macro kind_size(item_kind) -%}
    case {{ item_kind }}
        {%- for kind in declaration()['items'] %}
        when {{ kind[0] }} then {{ kind[2] }}
        {%- endfor %}
        when -1 then 0
    end
{%- endmacro %}
