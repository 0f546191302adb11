{# The seed and the root key (as text, since JSON numbers end at 2^53) of the last run, or none. #}
{% macro remembered_run() -%}
{%- set run = adapter.get_relation(target.database, 'generate', 'gen__run') -%}
{%- if run is none -%}
    {{ return(none) }}
{%- endif -%}
{%- set row = run_query('select seed, cast(root_key as ' ~ dbt.type_string() ~ ') as root_key from ' ~ run).rows[0] -%}
{{ return({'seed': row[0] | int, 'root_key': row[1]}) }}
{%- endmacro %}
