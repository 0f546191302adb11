{#
  The draw of a property: of a number, its value in units of its last decimal, as BIGINT; of categories,
  parts per billion. None of an expression, which has no draw.
#}
{% macro property_draw(property, key) -%}
{%- set owner = property['owner'] ~ '.' if property['owner'] else '' -%}
{%- set stream = 'custom.properties.' ~ property['scope'] ~ '.' ~ owner ~ property['name'] -%}
{%- set method, parameters = property['method'], property.get('parameters') -%}
{%- if method in ('categories', 'poisson') -%}
    cast(floor(1000000000 * {{ uniform(key, stream) }}) as bigint)
{%- elif method == 'integers' -%}
    {{ integers(key, stream, parameters[0], parameters[1]) }}
{%- elif method == 'geometric' -%}
    {{ geometric(key, stream, double_literal(parameters[0])) }}
{%- elif method != 'expression' -%}
    {%- if method == 'lognormal' -%}
        {%- set value = lognormal(key, stream, double_literal(parameters[0]), double_literal(parameters[1])) -%}
    {%- elif method == 'normal' -%}
        {%- set value = normal(key, stream, double_literal(parameters[0]), double_literal(parameters[1])) -%}
    {%- elif method == 'exponential' -%}
        {%- set value = exponential(key, stream, double_literal(parameters[0])) -%}
    {%- else -%}
        {%- set low, high = double_literal(parameters[0]), double_literal(parameters[1]) -%}
        {%- set value = '(' ~ low ~ ' + ' ~ uniform(key, stream) ~ ' * (' ~ high ~ ' - (' ~ low ~ ')))' -%}
    {%- endif -%}
    {#- far out in a tail, a number stays one that its column holds -#}
    cast(floor({{ clip(value ~ ' * ' ~ 10 ** property['places'], '-1e15', '1e15') }} + 0.5) as bigint)
{%- endif -%}
{%- endmacro %}
