{#
  Alias table of a categorical distribution: one row per category, numbered from 0 as bucket, with
  the share of the bucket that is the category's own and the category that has the rest. Draw
  position = u * n, join on bucket = floor(position), take `category` where
  position - bucket < own_share and `alias_category` elsewhere: one equality join, exact, whatever n.

  The relation has the columns category and weight (positive integers; n * sum(weight) below 10^18).
  Method: Walker (1977), built by prefix sums instead of a loop (Hübschle-Schneider and Sanders
  2019): deficits of light buckets and surpluses of heavy ones, laid along one line in the same
  order, meet where a light bucket gets its alias; a heavy bucket that gives too much is filled up
  by the next heavy one. All sums are integers, so the table is exact on every engine.
  With `by`, a column of integers, there is one table for each of its values, with that column first.
#}
{% macro alias_table(relation, by=none) -%}
{%- set first = by ~ ', ' if by else '' -%}
{%- set within = 'partition by ' ~ by if by else '' -%}
    with

    numbered as (

        select
            {{ first }}category,
            row_number() over ({{ within }} order by category) - 1 as bucket,
            weight * count(*) over ({{ within }}) - sum(weight) over ({{ within }}) as excess,
            cast(sum(weight) over ({{ within }}) as bigint) as bucket_size

        from {{ relation }} as weights

    ),

    laid_along_a_line as (

        select
            {{ first }}category,
            bucket,
            bucket_size,
            cast(excess as bigint) as excess,
            excess < 0 as is_light,
            lead(category) over (partition by {{ first }}excess < 0 order by bucket) as next_category,
            cast(sum(abs(excess)) over (
                partition by {{ first }}excess < 0 order by bucket rows unbounded preceding
            ) as bigint) as line_end

        from numbered

    ),

    light as (

        select
            {{ first }}category,
            bucket,
            bucket_size,
            excess,
            line_end + excess as line_start,
            line_end

        from laid_along_a_line

        where is_light

    ),

    heavy as (

        select
            {{ first }}category,
            bucket,
            bucket_size,
            next_category,
            line_end - excess as line_start,
            line_end

        from laid_along_a_line

        where not is_light

    ),

    light_buckets as (

        select
            {{ 'light.' ~ first if by }}
            light.bucket,
            light.category,
            heavy.category as alias_category,
            cast(light.bucket_size + light.excess as double) / light.bucket_size as own_share

        from light
        inner join heavy
            on {{ 'light.' ~ by ~ ' = heavy.' ~ by ~ ' and' if by }} light.line_start >= heavy.line_start
            and light.line_start < heavy.line_end

    ),

    heavy_buckets as (

        select
            {{ 'heavy.' ~ first if by }}
            heavy.bucket,
            heavy.category,
            coalesce(heavy.next_category, heavy.category) as alias_category,
            cast(heavy.bucket_size - coalesce(light.line_end - heavy.line_end, 0) as double)
                / heavy.bucket_size as own_share

        from heavy
        left join light
            on {{ 'light.' ~ by ~ ' = heavy.' ~ by ~ ' and' if by }} heavy.line_end > light.line_start
            and heavy.line_end <= light.line_end

    )

    select {{ first }}bucket, category, alias_category, own_share from light_buckets
    union all
    select {{ first }}bucket, category, alias_category, own_share from heavy_buckets
{%- endmacro %}
