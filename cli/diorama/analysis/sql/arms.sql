-- the variants of every experiment, as planned and as found
create or replace temp table found_variants as
select experiment_id, variant, count(*) as unit_count
from inputs.exposures
where not is_multi_variant and experiment_id in (select experiment_id from new_experiments)
group by experiment_id, variant
union all
select experiment_id, variant, max(n_units) as unit_count
from inputs.moments
where experiment_id in (select experiment_id from new_experiments)
group by experiment_id, variant;

create or replace temp table planned_variants (variant varchar, share double, place bigint);
{% if split %}
insert into planned_variants values {{ split }};
{% endif %}

create or replace temp table experiment_arms as
select
    experiment_id,
    {% if control -%}
    {{ control }} as control,
    {%- else -%}
    arg_min(variant, list_position({{ controls }}, lower(variant)))
        filter (list_position({{ controls }}, lower(variant)) > 0) as control,
    {%- endif %}
    list(variant order by variant) as variants,
    count(*) as variant_count,
    min(unit_count) as least_units
from found_variants
group by experiment_id;

insert into marts.experiments__input_checks
select
    'unknown_variant',
    'refuse',
    {{ input }},
    experiment_id,
    sum(unit_count),
    list(variant order by variant)[:5],
    'variants that the split does not name; name them, or leave them out with where'
from found_variants
where
    exists (from planned_variants)
    and variant not in (select variant from planned_variants)
group by experiment_id
union all
select
    'control_missing',
    {{ severity }},
    {{ input }},
    experiment_id,
    variant_count,
    variants[:5],
    case
        when control is null then 'none of these variants is known as control; name it with control'
        else concat('control ', control, ' is none of these variants')
    end
from experiment_arms
where variant_count > 1 and not coalesce(list_contains(variants, control), false)
union all
select
    'one_arm_only',
    case when exists (from planned_variants) then 'warn' else {{ severity }} end,
    {{ input }},
    experiment_id,
    variant_count,
    variants,
    'nobody got another variant'
from experiment_arms
where variant_count = 1
union all
select
    'too_few_units',
    'warn',
    {{ input }},
    experiment_id,
    unit_count,
    [variant],
    'an arm needs two units for an estimate, and thirty for one to rely on'
from found_variants
where unit_count < 30;

-- 'A' and 'a ' are two variants, but seldom meant to be
insert into marts.experiments__input_checks
select
    'similar_variants',
    'warn',
    {{ input }},
    experiment_id,
    count(*),
    list(concat('''', variant, '''') order by variant)[:5],
    'variants that differ in case or blanks alone'
from found_variants
group by experiment_id, lower(trim(variant))
having count(*) > 1;

create or replace temp table kept_experiments as
select arms.experiment_id, arms.control
from experiment_arms as arms
where
    list_contains(
        {% if split %}(select list(variant) from planned_variants){% else %}arms.variants{% endif %},
        arms.control
    )
    and (arms.variant_count > 1 or exists (from planned_variants));

update marts.experiments__input_rows
set reason = 'experiment_left_out'
where
    reason = 'used'
    and experiment_id in (select experiment_id from experiment_arms)
    and experiment_id not in (select experiment_id from kept_experiments);

insert into inputs.experiments
select
    experiment_id,
    control,
    {{ design }},
    {{ estimator }},
    {{ horizon_days }},
    {{ silence_days }},
    {{ planned_units }}
from kept_experiments;

insert into inputs.variants
with

all_variants as (

    select experiment_id, variant from found_variants
    union
    select experiment_id, variant from kept_experiments cross join planned_variants

)

select
    variants.experiment_id,
    variants.variant,
    {% if is_known -%}
    coalesce(
        planned.share / (select sum(share) from planned_variants),
        1 / count(*) over (partition by variants.experiment_id)
    )
    {%- else -%}
    null
    {%- endif %} as planned_share
from all_variants as variants
inner join kept_experiments as kept on variants.experiment_id = kept.experiment_id
left join planned_variants as planned on variants.variant = planned.variant;
