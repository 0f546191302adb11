{#
  Probability of one possible future of a user of the learning world (a last active day, in each arm):
  activity on the anchor and none from there until the date or the end of the label window. In units
  of 10^-18 of what all futures of the user have in common, so that they are summed as integers.
#}
{% macro learning_silence_units(until) -%}
    cast(floor(cast(1000000000000000000 as double) * (
        {%- for arm in ['control', 'treated', 'prevented'] %}
        case
            when {{ arm }}_mass > 0
                then {{ arm }}_mass
                    * case when has_activity then 1 - exp(-{{ arm }}_anchor_visits) else 1 end
                    * exp(common_visits - {{ arm }}_{{ until }}_visits)
            else 0
        end
        {{- ' +' if not loop.last }}
        {%- endfor %}
    )) as decimal(38, 0))
{%- endmacro %}
