{#
  Predicate: the number of a visitor falls to this shard. For worlds whose rows come from the
  visits and not from a list of users: each shard draws all visits, and keeps its visitors'; under
  the setting user_number, those of that number.
#}
{% macro in_shard(number) -%}
    ({{ number }}) % {{ setting('shard_count') }} = {{ setting('shard_index') }}
    {%- if setting('user_number') is not none %}
    and ({{ number }}) = {{ setting('user_number') }}
    {%- endif %}
{%- endmacro %}
