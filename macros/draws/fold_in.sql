{#
  The key of a child (a day, a session, an event) from its parent's key and the child's number, as
  jax.random.fold_in. Fold on what the row is, never on a running number over all rows.
  The constant is 2^62 / golden ratio: it keeps data = 0 away from mix(0) = 0.
#}
{% macro fold_in(key, data) -%}
    {{ mix(bitwise_xor(key, mix('cast(' ~ data ~ ' as bigint) + 2850178316163958421'))) }}
{%- endmacro %}
