{#
  Expression: the next state of the iteration of group_sequential_bounds, in which a look takes `phases` steps:
  a first guess of its bound, steps of Newton's method, and the density at the `points` of the next look.
  A point is where an experiment that goes on may stand, in standard deviations of the next step, and the
  probability mass that it has there.
#}
{% macro group_sequential_step(points, phases) -%}
{%- set position = 'cast(path_looks - floor((step - 1) / ' ~ phases ~ ') as bigint)' -%}
{%- set phase = '(' ~ (phases - 1) ~ ' - (step - 1) % ' ~ phases ~ ')' -%}
{%- set now = list_item('path_fractions', position) -%}
{%- set spread = 'sqrt((' ~ now ~ ' - state.fraction) / ' ~ now ~ ')' -%}
{%- set shrinkage = 'sqrt(state.fraction / ' ~ now ~ ')' -%}
{#- Gauss point of 0-1 by its number, and its weight -#}
{%- set node = '((floor((number - 1) / 3) + 0.5e0 + sqrt(0.15e0) * ((number - 1) % 3 - 1)) * 3e0 / '
    ~ points ~ ')' -%}
{%- set weight = '(case when (number - 1) % 3 = 1 then 4e0 else 2.5e0 end / ' ~ 3 * points ~ ')' -%}
{%- set density = list_total(list_map('state.points', 'point', 'point.mass * ('
    ~ 'exp(-0.5e0 * (x - point.place) * (x - point.place))'
    ~ ' + exp(-0.5e0 * (x + point.place) * (x + point.place)))'))
    ~ ' * 0.3989422804014327e0 / state.spread' -%}
{%- set tail = list_total(list_map('state.points', 'point', 'point.mass * ('
    ~ with_value('z', 'point.place - x', norm_cdf('z')) ~ ' + '
    ~ with_value('z', '-point.place - x', norm_cdf('z')) ~ ')')) -%}
{%- set newton = 'least(8e0, state.bound + (ln(tail) - ln((' ~ list_item('path_spent', position)
    ~ ' - state.spent) / 2)) * tail / (' ~ density ~ '))' -%}
{%- set states = {
    now ~ ' - state.fraction < 0.01e0': {},
    phase ~ ' = 0': {
        'spread': spread,
        'bound': 'least(8e0, state.bound * ' ~ shrinkage ~ ' + 8 * ' ~ spread ~ ')',
        'points': with_value('scale', shrinkage ~ ' / ' ~ spread, list_map('state.points', 'point',
            named_struct({'place': 'point.place * scale', 'mass': 'point.mass'}))),
    },
    phase ~ ' < ' ~ (phases - 1): {
        'bound': with_value('x', 'state.bound / state.spread', with_value('tail', tail, newton)),
    },
    'true': {
        'fraction': now,
        'spent': list_item('path_spent', position),
        'points': list_map(list_series(points), 'number', with_value(
            'x', 'state.bound * ' ~ node ~ ' / state.spread', named_struct({
                'place': 'x * state.spread', 'mass': 'state.bound * ' ~ weight ~ ' * ' ~ density
            })
        )),
        'bounds': list_map(list_series('path_looks'), 'number', 'case when number = ' ~ position
            ~ ' then state.bound else ' ~ list_item('state.bounds', 'number') ~ ' end'),
    },
} -%}
        case
            {%- for condition, changes in states.items() %}
            {%- set state = {} -%}
            {%- for column in ['fraction', 'spent', 'spread', 'bound', 'points', 'bounds'] -%}
            {%- do state.update({column: changes.get(column, 'state.' ~ column)}) -%}
            {%- endfor %}
            when {{ condition }} then {{ named_struct(state) if changes else 'state' }}
            {%- endfor %}
        end
{%- endmacro %}
