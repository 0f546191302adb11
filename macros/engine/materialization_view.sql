{# dbt override: a view is replaced within one transaction, as a table is (`materialization_table.sql`). #}
{% materialization view, adapter='duckdb' %}

{%- set existing = load_cached_relation(this) -%}
{%- set target = this.incorporate(type='view') -%}

{{ run_hooks(pre_hooks, inside_transaction=False) }}
{{ run_hooks(pre_hooks, inside_transaction=True) }}

{% call statement('main') -%}
    {%- if existing %}
    drop {{ existing.type }} if exists {{ existing }} cascade;
    {%- endif %}
    {{ get_create_view_as_sql(target, sql) }}
{%- endcall %}

{{ run_hooks(post_hooks, inside_transaction=True) }}
{{ adapter.commit() }}
{{ run_hooks(post_hooks, inside_transaction=False) }}

{{ return({'relations': [target]}) }}

{% endmaterialization %}
