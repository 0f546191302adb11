# diorama in a container:
#   docker build --tag diorama .
#   docker run --rm --volume "$PWD/data:/data" diorama build --world feed --users 2000
# Where there is no container engine, container/clean_root.py runs these steps in a clean root.

FROM debian:bookworm-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==0.13.*"
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON=/usr/bin/python3
# Dependencies first: they are installed anew only when the lock changes.
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --locked --no-dev --no-install-project
COPY . .
RUN /opt/uv/bin/uv sync --locked --no-dev
# Parses the project, so that the first command in the container need not, and tries it.
RUN .venv/bin/diorama build --quiet --select gen__run --database /tmp/diorama.duckdb

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home diorama && install --directory --owner diorama /data
WORKDIR /app
COPY --from=build /app /app
# dbt's working files and the parsed project, which a changed setting of the engine makes anew.
RUN chown --recursive diorama /app/target
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1
ENV DIORAMA_DATABASE=/data/diorama.duckdb DBT_TARGET_PATH=/tmp/target DBT_LOG_PATH=/tmp/logs
USER diorama
VOLUME /data
ENTRYPOINT ["diorama"]
CMD ["--help"]
