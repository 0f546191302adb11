{#
  Whether a text is a day in the form YYYY-MM-DD from 1970-01-02 on, since Redis refuses an entry of
  the moment 0, to 2261-12-31: pandas and others that count nanoseconds hold no later year.
#}
{% macro is_iso_date(text) -%}
{%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', text) -%}
    {{ return(false) }}
{%- endif -%}
{%- set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int -%}
{%- if year < 1970 or year > 2261 or text == '1970-01-01' or month < 1 or month > 12 or day < 1 -%}
    {{ return(false) }}
{%- endif -%}
{%- set next_month = modules.datetime.date(year + month // 12, month % 12 + 1, 1) -%}
{{ return(day <= (next_month - modules.datetime.timedelta(days=1)).day) }}
{%- endmacro %}
