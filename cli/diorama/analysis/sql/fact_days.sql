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

insert into marts.experiments__input_checks
select
    'ids_do_not_match',
    'warn',
    {{ input }},
    null,
    sum(row_count),
    [
        (select any_value(unit_id) from fact_{{ number }} where reason is null),
        (select any_value(unit_id) from inputs.exposures)
    ],
    'no row is of an exposed unit, whose ids look like the second of these'
from marts.experiments__input_rows
where input = {{ input }} and reason in ('facts_without_exposure', 'used', 'outside_windows')
having
    sum(row_count) > 0
    and sum(row_count) filter (reason = 'facts_without_exposure') = sum(row_count);

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
