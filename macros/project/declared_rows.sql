{#
  Relation: what is declared of experiments (`experiments`, `variants` or `metrics`): of the chosen worlds
  in the seed of that name, and by the input of that name. Of experiments with their `source`. What only
  an input can tell is null in a seed.
#}
{% macro declared_rows(part) -%}
{%- set of_seed = input_columns()[part] | reject('in', ('planned_units', 'covariate_days')) | list -%}
{%- set yours = input_relation(part) -%}
{%- if experiment_worlds() or not yours %}
    select
        {{ 'source,' if part == 'experiments' }}
        {%- for column, type in input_columns()[part].items() %}
        {{ column if column in of_seed else 'cast(null as ' ~ type ~ ') as ' ~ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(part) }}
    {{ "where source in ('" ~ experiment_worlds() | join("', '") ~ "')" if part == 'experiments' }}
    {{ 'union all' if yours }}
{%- endif -%}
{%- if 'custom' in experiment_worlds() %}
    {{ 'union all' if not yours }}
    select
        {{ "'custom' as source," if part == 'experiments' }}
        declared.*
    from (
        {{ parameters('analysed_' ~ part) }}
    ) as declared
    {{ 'union all' if yours }}
{%- endif -%}
{%- if yours %}
    select
        {{ "'yours' as source," if part == 'experiments' }}
        given.*
    from (
        {{ input_rows(part) }}
    ) as given
{%- endif -%}
{%- endmacro %}
