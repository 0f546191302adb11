-- what each exposed unit did of a fact on a date
create or replace temp table days_{{ number }} as
select
    unit_id,
    activity_date,
    {{ scaled }} as value,
    count(*) as row_count
from rows_{{ number }}
group by unit_id, activity_date;

insert into marts.experiments__input_checks
select
    'facts_without_exposure',
    'info',
    {{ input }},
    null,
    row_count,
    [],
    'rows of units that were not exposed'
from marts.experiments__input_rows
where input = {{ input }} and reason = 'facts_without_exposure' and row_count > 0;

{% if is_summed -%}
insert into inputs.unit_facts
select unit_id, activity_date, {{ name }}, value
from days_{{ number }}
where value != 0;
{%- endif %}

{% if is_counted -%}
insert into inputs.unit_facts
select unit_id, activity_date, concat({{ name }}, '.count'), row_count
from days_{{ number }};
{%- endif %}
