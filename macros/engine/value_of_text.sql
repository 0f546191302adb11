{# A text as a value of a type, or null where it is none of it: blanks around it are no part of it. #}
{% macro value_of_text(text, type) -%}
    {{ return(adapter.dispatch('value_of_text', 'diorama')(text, type)) }}
{%- endmacro %}

{% macro duckdb__value_of_text(text, type) -%}
{%- if type == 'varchar' -%}
    nullif(trim({{ text }}), '')
{%- elif type in ('bigint', 'integer') -%}
    {#- a cast alone rounds -#}
    case
        when try_cast({{ text }} as decimal(38, 9)) = try_cast({{ text }} as {{ type }})
            then try_cast({{ text }} as {{ type }})
    end
{%- elif type == 'timestamp' -%}
    {#- a cast alone drops the offset -#}
    case
        when regexp_matches(trim({{ text }}), '^.{10}.*[+-][0-9]{2}(:?[0-9]{2})?$')
            then make_timestamp(epoch_us(try_cast(trim({{ text }}) as timestamptz)))
        else try_cast({{ text }} as timestamp)
    end
{%- else -%}
    try_cast({{ text }} as {{ type }})
{%- endif -%}
{%- endmacro %}

{% macro spark__value_of_text(text, type) -%}
{{ raise_usage_error("Raw files are read by DuckDB, not by engine '" ~ target.name ~ "'.") }}
{%- endmacro %}
