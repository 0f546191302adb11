{#
  A relation of the user numbers of a world in the column user_number: its setting times scale (at
  least one user), or the shard's range of them; of the setting user_number, that one user.
#}
{% macro user_numbers(world) -%}
{%- set user_count = [(setting(world ~ '_users') * setting('scale')) | round | int, 1] | max -%}
{#- the bits that pack_event_id() keeps for the user -#}
{%- if user_count > 4294967296 -%}
    {{ raise_usage_error(
        "Settings '" ~ world ~ "_users' times 'scale' make " ~ user_count
        ~ " users, but must make at most 4294967296. Give a smaller scale."
    ) }}
{%- endif -%}
{%- set index, shards = setting('shard_index'), setting('shard_count') -%}
{%- set first, stop = user_count * index // shards, user_count * (index + 1) // shards -%}
{%- if setting('user_number') is not none -%}
    {%- set first = [first, setting('user_number')] | max -%}
    {%- set stop = [first, [stop, setting('user_number') + 1] | min] | max -%}
{%- endif -%}
{{ series(first, stop, 'user_number') }}
{%- endmacro %}
