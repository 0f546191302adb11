{#
  The part of a whole number (such as cents) that falls to one of several weights: the difference
  of two cumulated and rounded parts, so that the parts add up to the whole.
#}
{% macro split_share(whole, weight_before, weight, weight_total) -%}
    {{ integer_quotient(whole ~ ' * (' ~ weight_before ~ ' + ' ~ weight ~ ')', weight_total) }}
    - {{ integer_quotient(whole ~ ' * ' ~ weight_before, weight_total) }}
{%- endmacro %}
