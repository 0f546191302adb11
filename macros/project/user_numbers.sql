{#
  A relation of the user numbers of a world in the column user_number: its setting times scale (at
  least one user), or the shard's range of them; of the setting user_number, that one user.
#}
{% macro user_numbers(world) -%}
{%- set users = user_count(world) -%}
{%- set index, shards = setting('shard_index'), setting('shard_count') -%}
{%- set first, stop = users * index // shards, users * (index + 1) // shards -%}
{%- if setting('user_number') is not none -%}
    {%- set first = [first, setting('user_number')] | max -%}
    {%- set stop = [first, [stop, setting('user_number') + 1] | min] | max -%}
{%- endif -%}
{{ series(first, stop, 'user_number') }}
{%- endmacro %}
