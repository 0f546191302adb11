{#
  Select list: the number of events of each kind, and the sum of each of their numbers, in units of its last
  decimal.
#}
{% macro counted_events() -%}
{%- for event in declared_names('events') %}
        count(case when event_name = '{{ event }}' then 1 end) as {{ event }}_count,
{%- endfor %}
{%- for column, property in measured_numbers().items() %}
        cast(
            coalesce(
                sum(
                    case
                        when event_name = '{{ property['owner'] }}'
                            then cast({{ property['name'] }} * {{ 10 ** property['places'] }} as bigint)
                    end
                ),
                0
            ) as bigint
        ) as {{ column }},
{%- endfor %}
{%- endmacro %}
