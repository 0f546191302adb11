{#
  The continued fraction F of the regularized incomplete beta function, for which I_x(a, b) =
  x^a * y^b / (B(a, b) * F), by DiDonato and Morris (1992, Algorithm 708, BFRAC). It needs
  y = 1 - x in the form shift = 1 + (a + b) * y - b, so that nothing cancels where x is near 1.
  All four are stored DOUBLE columns, because they are repeated.
#}
{% macro incomplete_beta_fraction(a, b, x, shift, steps) -%}
{%- set place = '(' ~ a ~ ' + 2 * step - 1)' -%}
{%- set next -%}
        ({{ a }} + step - 1) / {{ place }} * ({{ a }} + {{ b }} + step - 1) / {{ place }}
        * step * ({{ b }} - step) * {{ x }} * {{ x }}
        / (
            step + step * ({{ b }} - step) * {{ x }} / {{ place }}
            + ({{ a }} + step) * ({{ shift }} + step * (2 - {{ x }})) / ({{ place }} + 2)
            + state
        )
{%- endset -%}
    {{ a }} * {{ shift }} / ({{ a }} + 1)
    + {{ iterate(steps, '0e0', next) }}
{%- endmacro %}
