# Compiles DuckDB: the first build takes long, later ones use the cache mounts.
FROM rust:1.95-bookworm AS builder
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked && cp target/release/snowglobe /usr/local/bin/snowglobe

FROM debian:bookworm-slim
# The C++ runtime, for DuckDB.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --user-group --uid 10001 --no-create-home --shell /usr/sbin/nologin snowglobe \
    && install -d -o snowglobe -g snowglobe /data /app /app/certs
COPY --from=builder /usr/local/bin/snowglobe /usr/local/bin/snowglobe
USER snowglobe
WORKDIR /app
ENV SNOWGLOBE_HOST=0.0.0.0 \
    SNOWGLOBE_DATA_DIR=/data \
    SNOWGLOBE_CERTS_DIR=/app/certs
VOLUME ["/data", "/app/certs"]
EXPOSE 8084 8443
# Reads the same variables as the server; a port set by a flag alone is unknown to it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["snowglobe", "health"]
ENTRYPOINT ["snowglobe"]
