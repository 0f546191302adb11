{#
  Fails with one row per claim that some rows of the table break: the claim, how many rows break it
  and the first and the last of them. The rows are read once for all claims, and once more for each
  key.

  unique: keys, each a column or a list of columns; the first names the rows
  nullable: columns of a key that may be null, unlike all others of keys
  not_null: columns without a null
  accepted_values: by column, all values that it has; a null is none
  in_range: by column, the lowest and the highest value, or null for no bound; a null is out of it
  holds: predicates that no row contradicts
#}
{% test well_formed(model, unique, nullable=[], not_null=[], accepted_values={}, in_range={}, holds=[]) %}

{%- set keys = [] %}
{%- set filled = [] %}
{%- for key in unique %}
    {%- set columns = [key] if key is string else key %}
    {%- do keys.append(columns) %}
    {%- do filled.extend(columns | reject('in', nullable)) %}
{%- endfor %}
{%- set breaches = broken_claims(filled + not_null, accepted_values, in_range, holds) %}
with

-- no row as a rule
suspects as (

    select * from {{ model }}

    where
        {{ breaches.values() | join('\n        or ') }}

),

claims as (

    {% for claim in breaches -%}
    select
        {{ loop.index }} as claim_number,
        {{ sql_literal(claim) }} as claim
    {%- if not loop.last %}

    union all

    {% endif -%}
    {% endfor %}

),

broken as (

    select
        claims.claim,
        {{ named_row(keys[0]) }} as row_name

    from suspects
    cross join claims

    where
        case claims.claim_number
            {%- for breach in breaches.values() %}
            when {{ loop.index }} then {{ breach }}
            {%- endfor %}
        end

    {%- for key in keys %}

    union all

    select
        {{ sql_literal(key | join(', ') ~ ' is unique') }} as claim,
        {{ named_row(key) }} as row_name

    from {{ model }}

    group by {{ key | join(', ') }}

    having count(*) > 1
    {%- endfor %}

)

select
    claim,
    count(*) as row_count,
    min(row_name) as first_row,
    max(row_name) as last_row

from broken

group by claim

order by claim

{% endtest %}
