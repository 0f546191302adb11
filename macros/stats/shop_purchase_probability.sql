{# Probability that what is in the cart is bought, 0–1: a persona's, as a variant of the experiment changes it. #}
{% macro shop_purchase_probability(personas, variants) -%}
least(
                {{ personas }}.purchase_probability * greatest(
                    0,
                    1 + {{ variants }}.effect_factor * ({{ personas }}.free_shipping_factor - 1)
                    * {{ setting('effect_scale') }}
                ), 1
            )
{%- endmacro %}
