{#
  53 bits of the engine's random(), seeded, as a number: for the root key alone. Both in one call, since
  dbt 2 may give the next call another connection, whose generator nobody has seeded.
#}
{% macro seeded_bits(seed) -%}
    {{ return(adapter.dispatch('seeded_bits', 'diorama')(seed)) }}
{%- endmacro %}

{% macro duckdb__seeded_bits(seed) -%}
{%- set query -%}
    select setseed({{ seed }} % 1000003 / 1000003.0);
    select cast(floor(random() * 9007199254740992) as bigint) as bits
{%- endset -%}
{{ return(run_query(query).rows[0][0] | int if execute else 0) }}
{%- endmacro %}

{# check_engine has refused a build without root_key; rand() would give other rows. #}
{% macro spark__seeded_bits(seed) -%}
    raise_error('The root key is drawn on DuckDB.')
{%- endmacro %}
