{#
  Fails with one row where a raw table has other than as many rows as were generated and delivered,
  and as extra defects were.
#}
{% test generated_plus_extra(model, generated, defects, world) %}

with

counted as (

    select
        count(*) as expected_count,
        0 as raw_count

    from {{ generated }}

    where {{ delivered(world) }}

    union all

    select
        count(*) as expected_count,
        0 as raw_count

    from {{ defects }}

    where is_extra_row and {{ delivered(world) }}

    union all

    select
        0 as expected_count,
        count(*) as raw_count

    from {{ model }}

),

compared as (

    select
        sum(expected_count) as expected_count,
        sum(raw_count) as raw_count

    from counted

)

select * from compared

where expected_count != raw_count

{% endtest %}
