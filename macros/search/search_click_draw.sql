{# Draw of a search, from 0 to 1: it is clicked where the draw lies below the variant's probability. #}
{% macro search_click_draw(search_key) -%}
    {{ uniform(search_key, 'search.searches.click') }}
{%- endmacro %}
