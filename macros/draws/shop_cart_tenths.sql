{#
  How long putting an item into the cart takes, in a session of scroll_count scrolls; 0 if it is not put
  there: only a scrolled item is, or any where no item of the session was scrolled. `visit` stands
  before the names of shop_visit(): 'visit.' for a struct.
#}
{% macro shop_cart_tenths(visit='') -%}
    case
        when {{ visit }}is_cart_drawn and ({{ visit }}is_scrolled or scroll_count = 0)
            then {{ visit }}cart_tenths
        else 0
    end
{%- endmacro %}
