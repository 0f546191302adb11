{# Raises the error for a name that is not declared, with the nearest declared one. #}
{% macro unknown_setting(name) -%}
{%- set ns = namespace(nearest='', best=-1) -%}
{%- for candidate in var('settings') -%}
    {#- Dice coefficient of the two names' character pairs -#}
    {%- set pairs = set(zip(name, name[1:])) -%}
    {%- set candidate_pairs = set(zip(candidate, candidate[1:])) -%}
    {%- set score = 2 * pairs.intersection(candidate_pairs) | length / (pairs | length + candidate_pairs | length + 1) -%}
    {%- if score > ns.best -%}
        {%- set ns.nearest, ns.best = candidate, score -%}
    {%- endif -%}
{%- endfor -%}
{{ raise_usage_error(
    "There is no setting '" ~ name ~ "'. Did you mean " ~ ns.nearest ~ "? `diorama list --settings` shows all."
) }}
{%- endmacro %}
