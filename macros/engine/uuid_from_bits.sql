{#
  A version 4 UUID (RFC 9562) of two 63-bit integers: 48 + 12 bits of the first and 62 of the second
  between the version and variant digits. Arithmetic on 128 bits is twenty times faster than text.
#}
{% macro uuid_from_bits(high, low) -%}
    {{ return(adapter.dispatch('uuid_from_bits', 'diorama')(high, low)) }}
{%- endmacro %}

{% macro duckdb__uuid_from_bits(high, low) -%}
    cast(
        (cast((({{ high }}) & -61441) | 16384 as uhugeint) << 64)
        | cast((({{ low }}) & 4611686018427387903) as uhugeint)
        | 9223372036854775808::uhugeint
        as uuid
    )
{%- endmacro %}
