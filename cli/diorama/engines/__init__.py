"""What builds and reads tables: dbt, DuckDB, Spark, and processes for shards."""
