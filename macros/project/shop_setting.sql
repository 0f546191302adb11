{#
  A setting of the shop world, or the value that turns its mechanism off where shop_mechanism is
  plain. Only for knobs that make the world better than the original.
#}
{% macro shop_setting(name) -%}
{%- set plain = {
    'shop_zipf_exponent': 0,
    'shop_popularity_half_life_days': none,
    'shop_affinity_strength': 0,
    'shop_price_sensitivity': 0,
    'shop_remove_probability': 0,
    'shop_return_purchase_probability': 0,
    'shop_seasonal_amplitude': 0,
} -%}
{{ return(plain[name] if setting('shop_mechanism') == 'plain' else setting(name)) }}
{%- endmacro %}
