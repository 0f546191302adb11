-- one row per experiment and unit, and one per metric of which it has a value
insert into marts.experiments__input_checks
select
    'duplicate_unit',
    'refuse',
    {{ input }},
    experiment_id,
    count(*),
    list_sort(list(unit_id order by unit_id)[:5]),
    'a unit has more than one row; units: is for one row per unit'
from (
    select experiment_id, unit_id
    from rows_read
    where reason is null
    group by experiment_id, unit_id
    having count(*) > 1
)
group by experiment_id;

insert into inputs.exposures
select
    experiment_id,
    unit_id,
    variant,
    stratum,
    segment,
    assignment_probability,
    1 as exposure_count,
    100000 as prior_days,
    0 as followed_days,
    false as is_multi_variant,
    cast(date_trunc('week', exposed_at) as date) as cohort_week,
    date_trunc('day', exposed_at) as assigned_at,
    exposed_at as first_exposed_at
from rows_read
where reason is null;

insert into marts.experiments__input_rows
select {{ input }}, experiment_id, 'used', count(*)
from rows_read
where reason is null
group by experiment_id;

{% for metric in values -%}
{% set main = 'main_' ~ metric.number -%}
insert into inputs.unit_metrics
select
    experiment_id,
    unit_id,
    {{ metric.name }} as metric,
    {{ metric.scaled(main) }} as numerator,
    {{ metric.scaled('per_' ~ metric.number) if 'per' in metric.columns else 'null' }} as denominator,
    {{ metric.scaled('past_' ~ metric.number) if 'past' in metric.columns else 'null' }}
        as earlier_numerator,
    null as earlier_denominator
from rows_read
where
    reason is null
    and {{ main }} is not null
    {% if 'per' in metric.columns %}and per_{{ metric.number }} is not null{% endif %};

insert into marts.experiments__input_checks
select
    'null_value',
    'info',
    {{ input }},
    experiment_id,
    count(*),
    list_sort(list(unit_id order by unit_id)[:5]),
    concat('units without a value are left out of ', {{ metric.name }})
from rows_read
where
    reason is null
    and (
        {{ main }} is null
        {% if 'per' in metric.columns %}or per_{{ metric.number }} is null{% endif %}
    )
group by experiment_id;

{% endfor %}
