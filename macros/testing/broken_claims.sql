{# Dict from each claim on the rows of a table, in words, to the predicate of a row that breaks it. #}
{% macro broken_claims(not_null, accepted_values, in_range, holds) -%}
{%- set broken = {} -%}
{%- for column in not_null -%}
    {%- do broken.update({column ~ ' is not null': column ~ ' is null'}) -%}
{%- endfor -%}
{%- for column, values in accepted_values.items() -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- do literals.append(sql_literal(value)) -%}
    {%- endfor -%}
    {%- set listed = '(' ~ literals | join(', ') ~ ')' -%}
    {%- do broken.update({
        column ~ ' in ' ~ listed: '(' ~ column ~ ' is null or ' ~ column ~ ' not in ' ~ listed ~ ')'
    }) -%}
{%- endfor -%}
{%- for column, (low, high) in in_range.items() -%}
    {%- set bounds = [] -%}
    {%- do bounds.append(column ~ ' >= ' ~ low) if low is not none -%}
    {%- do bounds.append(column ~ ' <= ' ~ high) if high is not none -%}
    {%- set claim = bounds | join(' and ') -%}
    {%- do broken.update({claim: '(' ~ column ~ ' is null or not (' ~ claim ~ '))'}) -%}
{%- endfor -%}
{%- for predicate in holds -%}
    {%- do broken.update({predicate: 'not (' ~ predicate ~ ')'}) -%}
{%- endfor -%}
{{ return(broken) }}
{%- endmacro %}
