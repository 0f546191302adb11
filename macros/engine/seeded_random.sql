{# A uniform DOUBLE from 0 to 1 of the generator that seed_random has set: for the root key alone. #}
{% macro seeded_random() -%}
    {{ return(adapter.dispatch('seeded_random', 'diorama')()) }}
{%- endmacro %}

{% macro duckdb__seeded_random() -%}
    random()
{%- endmacro %}

{# check_engine has refused a build without root_key; rand() would give other rows. #}
{% macro spark__seeded_random() -%}
    raise_error('The root key is drawn on DuckDB.')
{%- endmacro %}
