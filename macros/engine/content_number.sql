{#
  Expression: a value as a number of 64 bits (UBIGINT), for fingerprints on DuckDB. What has a fixed width
  is hashed by its bits, integers as BIGINT and moments in microseconds; anything else as text: up to 16
  bytes as one integer, up to 48 characters of ASCII as three, and longer ones by their MD5, which takes
  five times as long. Null has a number that no value is likely to have, since the engine hashes it, too.
#}
{% macro content_number(value, type) -%}
{%- set text = value if type == 'varchar' else 'cast(' ~ value ~ ' as varchar)' -%}
{%- if type in ('bigint', 'integer', 'smallint', 'tinyint', 'uinteger', 'usmallint', 'utinyint', 'boolean') -%}
    {%- set number = 'hash(cast(' ~ value ~ ' as bigint))' -%}
{%- elif type in ('hugeint', 'double', 'uuid') -%}
    {%- set number = 'hash(' ~ value ~ ')' -%}
{%- elif type.startswith('decimal') -%}
    {%- set number = 'hash(cast(' ~ value ~ ' as decimal(38, ' ~ type.split(',')[1].strip(' )') ~ ')))' -%}
{%- elif type in ('timestamp', 'date') -%}
    {%- set number = 'hash(epoch_us(' ~ value ~ '))' -%}
{%- else -%}
    {%- set bits = 'hash(cast(cast(encode({0}) as bit) as uhugeint))' -%}
    {%- set piece = bits.replace('{0}', 'substr({0}, {1}, 16)').replace('{0}', text) -%}
    {%- set number -%}
        case
            when strlen({{ text }}) between 1 and 16 then
                xor(cast(strlen({{ text }}) as ubigint), {{ bits.replace('{0}', text) }})
            when {{ text }} = '' then cast(0 as ubigint)
            when strlen({{ text }}) <= 48 and strlen({{ text }}) = length({{ text }}) then
                hash(xor({{ piece.replace('{1}', '1') }}, hash(xor({{ piece.replace('{1}', '17') }},
                    case when strlen({{ text }}) > 32 then {{ piece.replace('{1}', '33') }} else 0 end))))
            else cast(md5_number_lower({{ text }}) as ubigint)
        end
    {%- endset -%}
{%- endif -%}
case when {{ value }} is null then cast(16045690984503098046 as ubigint) else {{ number }} end
{%- endmacro %}
