{#
  A bound of the two-sided 95 % interval of a share by Wilson (1927), as
  statsmodels.stats.proportion.proportion_confint(method='wilson'): it holds 0–1 for any share and
  number of units. Both are columns, because they are repeated; `side` is lower or upper.
#}
{% macro wilson_bound(share, units, side) -%}
    {{ 'greatest(0e0' if side == 'lower' else 'least(1e0' }}, (
        {{ share }} + {{ z_95() }} * {{ z_95() }} / (2 * {{ units }})
        {{ '-' if side == 'lower' else '+' }} {{ z_95() }} * sqrt(
            {{ share }} * (1 - {{ share }}) / {{ units }}
            + {{ z_95() }} * {{ z_95() }} / (4 * cast({{ units }} as double) * {{ units }})
        )
    ) / (1 + {{ z_95() }} * {{ z_95() }} / {{ units }}))
{%- endmacro %}
