{#
  The constant of a named stream of draws: 60 bits of the name's md5, so below 2^62 and safe to add
  a small counter to. A stream stands for one decision and is used once in the project.
#}
{% macro stream_constant(stream) -%}
    {#- behind a 1, taken off again, since dbt 2 reads digits that begin with 0b as binary -#}
    {{ return((('1' ~ local_md5(stream)[:15]) | int(base=16)) - 1152921504606846976) }}
{%- endmacro %}
