{# The value of a property from its draw (property_draw), in a segment; an expression is of other columns. #}
{% macro property_value(property, draw, segment='segment_number') -%}
{%- if property['choices'] is defined -%}
    {{ 'cast(' if property['is_number'] }}case
        {%- for owner, intervals in property['choices'] %}
        {%- for value, draw_from, draw_below in intervals %}
        when {{ segment ~ ' = ' ~ owner ~ ' and ' if owner is not none }}{{ draw }} < {{ draw_below }} then
            {{ value if property['is_number'] else sql_literal(value) }}
        {%- endfor %}
        {%- endfor %}
    end{{ ' as bigint)' if property['is_number'] }}
{%- elif property['method'] == 'expression' -%}
    {%- set text = modules.re.sub('([a-z][a-z0-9_]*)', 'cast(\\1 as double)', property['expression']) -%}
    {{ scaled_decimal(
        'cast(floor(' ~ clip('(' ~ text ~ ') * ' ~ 10 ** property['places'], '-1e15', '1e15') ~ ' + 0.5) as bigint)',
        property['places'], 'decimal(18, ' ~ property['places'] ~ ')'
    ) }}
{%- elif property['places'] -%}
    {{ scaled_decimal(draw, property['places'], 'decimal(18, ' ~ property['places'] ~ ')') }}
{%- else -%}
    {{ draw }}
{%- endif -%}
{%- endmacro %}
