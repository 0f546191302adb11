{#
  Expression: the probability of a variant of the feed experiment from that of treatment, or the other way
  round. Cut to nine decimals, so that 1 - 0.8 is 0.2.
#}
{% macro feed_variant_probability(units) -%}
case
            when {{ units }}.variant = 'SmartFeed_v2' then {{ units }}.assignment_probability
            else round(1 - {{ units }}.assignment_probability, 9)
        end
{%- endmacro %}
