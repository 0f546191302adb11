{#
  What must hold of every row of a file of users, as [column, what a faulty row has, message]. Where a
  file is raw, is_paid is held against the plan less case and blanks, which cleaning takes away.
#}
{% macro gates_of_users(is_raw) -%}
{%- set plan = 'lower(trim(plan))' if is_raw else 'plan' -%}
{{ return([
    ['user_id', 'coalesce(' ~ try_cast('user_id', 'bigint') ~ ' < 1, true)',
        'user_id is missing or not a positive integer'],
    ['signup_date', try_cast('signup_date', 'date') ~ ' is null', 'signup_date is missing or not a date'],
    ['plan', "coalesce(plan not in ('free', 'paid'), true)", 'plan is not free or paid'],
    ['is_paid', plan ~ " in ('free', 'paid') and coalesce(" ~ try_cast('is_paid', 'bigint')
        ~ ' != case when ' ~ plan ~ " = 'paid' then 1 else 0 end, true)", 'is_paid does not fit the plan'],
    ['country', 'country is null', 'country is missing'],
    ['marketing_source', 'marketing_source is null', 'marketing_source is missing'],
] + ([
    ['engagement_score', 'coalesce(' ~ try_cast('engagement_score', 'double') ~ ' not between 0 and 1, true)',
        'engagement_score is not in 0-1'],
] if is_raw else [])) }}
{%- endmacro %}
