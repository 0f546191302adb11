-- the input layer of the experiments, and what was found on the way
create schema inputs;
create schema marts;

create table inputs.experiments (
    experiment_id varchar,
    control varchar,
    design varchar,
    estimator varchar,
    horizon_days bigint,
    silence_days bigint,
    planned_units bigint
);

create table inputs.variants (
    experiment_id varchar,
    variant varchar,
    planned_share double
);

create table inputs.metrics (
    experiment_id varchar,
    metric varchar,
    kind varchar,
    numerator_fact varchar,
    denominator_fact varchar,
    aggregation varchar,
    role varchar,
    direction varchar,
    window_start_day bigint,
    window_end_day bigint,
    margin double,
    cap_quantile double,
    quantiles varchar,
    divisor bigint,
    unit varchar,
    description varchar,
    is_complement boolean,
    margin_is_relative boolean,
    covariate_days bigint
);

create table inputs.exposures (
    experiment_id varchar,
    unit_id varchar,
    variant varchar,
    stratum varchar,
    segment varchar,
    assignment_probability double,
    exposure_count bigint,
    prior_days bigint,
    followed_days bigint,
    is_multi_variant boolean,
    cohort_week date,
    assigned_at timestamp,
    first_exposed_at timestamp
);

create table inputs.unit_facts (
    unit_id varchar,
    activity_date date,
    fact varchar,
    value bigint
);

create table inputs.unit_metrics (
    experiment_id varchar,
    unit_id varchar,
    metric varchar,
    numerator bigint,
    denominator bigint,
    earlier_numerator bigint,
    earlier_denominator bigint
);

create table inputs.moments (
    experiment_id varchar,
    variant varchar,
    stratum varchar,
    metric varchar,
    assignment_probability double,
    n_units bigint,
    nonzero_count bigint,
    main_sum hugeint,
    main_sum_squares hugeint,
    denominator_sum hugeint,
    denominator_sum_squares hugeint,
    main_denominator_sum_product hugeint,
    covariate_count bigint,
    covariate_sum hugeint,
    covariate_sum_squares hugeint,
    main_covariate_sum_product hugeint,
    denominator_covariate_sum_product hugeint,
    covered_main_sum hugeint,
    covered_main_sum_squares hugeint,
    covered_denominator_sum hugeint,
    as_of_date date,
    is_final boolean
);

create table marts.experiments__input_rows (
    input varchar,
    experiment_id varchar,
    reason varchar,
    row_count bigint
);

comment on table marts.experiments__input_rows is
'One row per input, experiment and reason: rows that were read, and used or left out.';

create table marts.experiments__input_checks (
    code varchar,
    severity varchar,
    input varchar,
    experiment_id varchar,
    found bigint,
    examples varchar[],
    meaning varchar
);

comment on table marts.experiments__input_checks is
'One row per finding of the checks of the data, with up to five examples.';
