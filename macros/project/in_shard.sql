{#
  Predicate: the number of a visitor falls to this shard. For worlds whose rows come from the
  visits and not from a list of users: each shard draws all visits, and keeps its visitors'.
#}
{% macro in_shard(number) -%}
    ({{ number }}) % {{ setting('shard_count') }} = {{ setting('shard_index') }}
{%- endmacro %}
