{# The columns of gen_search__variants that hold the cumulated click weights of the positions. #}
{% macro position_ends() -%}
{%- set ends = [] -%}
{%- for position in range(1, 9) -%}
    {%- do ends.append('weight_up_to_' ~ position) -%}
{%- endfor -%}
{{ return(ends) }}
{%- endmacro %}
