# syntax=docker/dockerfile:1

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package adstead-server \
    && install -D target/release/adstead /out/adstead

FROM debian:bookworm-slim
# AI providers are reached over TLS.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/adstead --create-home adstead
COPY --from=build /out/adstead /usr/local/bin/adstead

USER adstead
# Everything that Adstead keeps is in `data` below; settings may be mounted at `config`.
WORKDIR /var/lib/adstead
VOLUME /var/lib/adstead
ENV ADSTEAD__API__BIND=0.0.0.0:8080
EXPOSE 8080
# The image has no HTTP client besides bash.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
ENTRYPOINT ["adstead"]
CMD ["serve"]
