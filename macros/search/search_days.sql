{# A relation of the days of the search world that are made, from 0, in the column `day`: those before as_of is over. #}
{% macro search_days() -%}
{%- set happened = (delivered_until('search') - world_start_date('search')).days -%}
{%- set end = [[setting('search_days'), happened] | min, setting('search_first_day')] | max -%}
{{ series(setting('search_first_day'), end, 'day') }}
{%- endmacro %}
