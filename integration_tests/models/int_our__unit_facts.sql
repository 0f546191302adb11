-- one row per unit, date and fact of that date, which is not 0
select
    concat('customer ', customers.number) as unit_id,
    date '2025-01-06' + cast(days.day as integer) as activity_date,
    facts.fact,
    1 + (customers.number * 7 + days.day * days.day) % 5 as value

from range(400) as customers (number)
cross join range(-7, 14) as days (day)
cross join (values ('orders'), ('active')) as facts (fact)

where (customers.number * 13 + days.day * 29 + 100) % 4 = 0
