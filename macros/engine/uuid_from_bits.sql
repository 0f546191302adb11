{#
  A version 4 UUID (RFC 9562) of two 63-bit integers. Digits 0 to 61 are those of low, 62 and 63 the
  variant, 64 to 126 those of high except 76 to 79, the version, and 127 is digit 62 of low.
  Arithmetic on 128 bits is several times faster than text. DuckDB 1.x, which reads our views as well, has no
  cast of a number to a UUID, and finds that out only when it runs one: there the bits pass through a blob,
  which takes nine times as long.
#}
{% macro uuid_from_bits(high, low) -%}
    {{ return(adapter.dispatch('uuid_from_bits', 'diorama')(high, low)) }}
{%- endmacro %}

{% macro duckdb__uuid_from_bits(high, low) -%}
{%- set number -%}
    (cast(({{ low }}) & 4611686018427387904 as uhugeint) << 65)
    | (cast((({{ high }}) & -61441) | 16384 as uhugeint) << 64)
    | cast(({{ low }}) & 4611686018427387903 as uhugeint)
    | 9223372036854775808::uhugeint
{%- endset -%}
    case
        when version() < 'v2' then cast(cast(cast({{ number }} as bit) as blob) as uuid)
        else cast({{ number }} as uuid)
    end
{%- endmacro %}

{% macro spark__uuid_from_bits(high, low) -%}
{%- set digits -%}
    lower(concat(
        lpad(hex(
            (({{ high }}) & -61441) | 16384
            | shiftleft(({{ low }}) & 4611686018427387904, 1)
        ), 16, '0'),
        hex((({{ low }}) & 4611686018427387903) | shiftleft(cast(1 as bigint), 63))
    ))
{%- endset -%}
{%- set ns = namespace(text=digits) -%}
{%- for place in (21, 17, 13, 9) -%}
    {%- set ns.text = 'overlay(' ~ ns.text ~ " placing '-' from " ~ place ~ ' for 0)' -%}
{%- endfor -%}
    {{ ns.text }}
{%- endmacro %}
