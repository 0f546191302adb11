-- the rows of exposures, or of units, with the reason for which one is left out
create or replace temp {{ 'table text_rows' if source.is_text else 'view rows_read' }} as
with

-- names of columns may be those of the file, which must not be meant below
given as (

    select
    {{ experiment }} as experiment_id,
    {{ unit }} as unit_id,
    nullif(cast({{ variant }} as varchar), '') as variant,
    {{ moment }} as exposed_at,
    {% if time -%}
    cast({{ time }} as varchar) as time_text,
    {{ time }} is null as has_no_time,
    {%- endif %}
    {{ probability }} as assignment_probability,
    {{ stratum }} as stratum,
    {%- for metric in values %}
    {%- for column, part in metric.columns.items() %}
    {{ part.sql }} as {{ column }}_{{ metric.number }},
    {%- endfor %}
    {%- endfor %}
    {{ segment }} as segment
    from {{ source.relation }}

)

select
    *,
    case
        when experiment_id is null then 'null_experiment'
        when unit_id is null then 'null_unit'
        when variant is null then 'null_variant'
        {% if time -%}
        when has_no_time then 'null_time'
        when exposed_at is null then 'time_not_a_time'
        {%- endif %}
        {% if probability != 'null' -%}
        when assignment_probability is null or not assignment_probability between 1e-9 and 1
            then 'no_probability'
        {%- endif %}
    end as reason
from given;

{% if source.is_text -%}
create or replace temp view rows_read as from text_rows;
{%- endif %}

create or replace temp table row_reasons as
select
    experiment_id,
    reason,
    count(*) as row_count,
    list_sort(list(distinct
        {% if time %}if(reason = 'time_not_a_time', time_text, unit_id){% else %}unit_id{% endif %}
    )[:5]) as examples
from rows_read
where reason is not null
group by experiment_id, reason;

insert into marts.experiments__input_rows
select {{ input }}, experiment_id, reason, row_count
from row_reasons;
