-- one row per day and level of price sensitivity: the weight of each category
with

weights as (

    select * from {{ ref('gen_shop__item_weights') }}

),

aggregated_to_day_and_level as (

    select
        day,
        price_level,
        {%- for number in [0, 1, 2, 3] %}
            cast(
                sum(case when category_number = {{ number }} then weight else 0 end)
                as bigint
            ) as mass_{{ number }},
        {%- endfor %}
        cast(
            sum(case when category_number = 4 then weight else 0 end) as bigint
        ) as mass_4

    from weights

    group by day, price_level

)

select * from aggregated_to_day_and_level
