{#
  Standard normal distribution function, as scipy.stats.norm.cdf: the rational Chebyshev
  approximations of Cody (1969), in the form and with the coefficients of his ANORM (1993,
  Algorithm 715). Absolute error below 2e-16; the lower tail keeps its relative accuracy.
  x is a stored DOUBLE column, because it is repeated. NULL gives NULL, NaN gives NaN.
#}
{% macro norm_cdf(x) -%}
{%- set centre_top = ['1.8154981253343561249e4', '1.0676894854603709582e3', '1.6102823106855587881e2',
    '2.2352520354606839287e0', '6.5682337918207449113e-2'] -%}
{%- set centre_bottom = ['4.5507789335026729956e4', '1.0260932208618978205e4',
    '9.7609855173777669322e2', '4.7202581904688241870e1', '1e0'] -%}
{%- set flank_top = ['9.8427148383839780218e3', '1.1602651437647350124e4', '6.8481904505362823326e3',
    '2.4945375852903726711e3', '5.9727027639480026226e2', '9.3506656132177855979e1',
    '8.8831497943883759412e0', '3.9894151208813466764e-1', '1.0765576773720192317e-8'] -%}
{%- set flank_bottom = ['1.9685429676859990727e4', '3.8912003286093271411e4', '3.4900952721145977266e4',
    '1.8615571640885098091e4', '6.4855582982667607550e3', '1.5193775994075548050e3',
    '2.3538790178262499861e2', '2.2266688044328115691e1', '1e0'] -%}
{%- set tail_top = ['2.9112874951168792e-5', '1.421619193227893466e-3', '2.2235277870649807e-2',
    '1.274011611602473639e-1', '2.1589853405795699e-1', '2.307344176494017303e-2'] -%}
{%- set tail_bottom = ['7.29751555083966205e-5', '3.78239633202758244e-3', '6.59881378689285515e-2',
    '4.68238212480865118e-1', '1.28426009614491121e0', '1e0'] -%}
{#- exp(-x^2 / 2) in two factors: the first is exact, because its x has four binary places -#}
{%- set places = 'floor(abs(' ~ x ~ ') * 16) / 16' -%}
{%- set density -%}
exp(-0.5e0 * ({{ places }}) * ({{ places }}))
            * exp(-0.5e0 * (abs({{ x }}) - {{ places }}) * (abs({{ x }}) + {{ places }}))
{%- endset -%}
    case
        when isnan({{ x }}) then {{ x }}
        when abs({{ x }}) <= 0.67448975e0 then 0.5e0 + {{ x }}
            * {{ polynomial(x ~ ' * ' ~ x, centre_top) }}
            / {{ polynomial(x ~ ' * ' ~ x, centre_bottom) }}
        when {{ x }} < -38.5e0 then 0e0
        when {{ x }} > 8.3e0 then 1e0
        -- below zero the tail itself, above zero its complement
        when abs({{ x }}) <= 5.656854249492380195e0 then (sign({{ x }}) + 1) / 2 - sign({{ x }})
            * {{ density }}
            * {{ polynomial('abs(' ~ x ~ ')', flank_top) }}
            / {{ polynomial('abs(' ~ x ~ ')', flank_bottom) }}
        else (sign({{ x }}) + 1) / 2 - sign({{ x }})
            * {{ density }}
            * (0.398942280401432677940e0 - {{ polynomial('1 / (' ~ x ~ ' * ' ~ x ~ ')', tail_top) }}
                / {{ polynomial('1 / (' ~ x ~ ' * ' ~ x ~ ')', tail_bottom) }}
                / ({{ x }} * {{ x }}))
            / abs({{ x }})
    end
{%- endmacro %}
