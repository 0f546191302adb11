{# Emits what is wrong with single rows of a checked file, all found in one scan; part of check(). #}
{% macro check_rows(name, names) -%}
{%- if name in ('users', 'users_clean') -%}
    {%- set gates = gates_of_users(name == 'users') -%}
{%- elif name in ('events', 'events_clean') -%}
    {%- set gates = gates_of_events(name == 'events') -%}
{%- else -%}
    {%- set gates = gates_of_user_days(name) -%}
{%- endif -%}
{%- set counts = [] -%}
{%- for _, fault, _ in gates -%}
    {%- do counts.append('count(case when ' ~ fault ~ ' then 1 end)') -%}
{%- endfor -%}
{%- set row = run_query('select count(*), ' ~ counts | join(', ') ~ ' from checked_' ~ name).rows[0] -%}
{%- if row[0] == 0 -%}
    {%- do emit({'table': name, 'message': 'the file has no rows', 'faults': 1}) -%}
{%- endif -%}
{%- for _, _, message in gates -%}
    {%- if row[loop.index] > 0 -%}
        {%- do emit({
            'table': name, 'message': message, 'faults': row[loop.index] | int, 'is_raw': name ~ '_clean' in names,
        }) -%}
    {%- endif -%}
{%- endfor -%}
{%- endmacro %}
