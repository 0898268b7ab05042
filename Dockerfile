# syntax=docker/dockerfile:1

FROM node:22-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
# The page is built with the program.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .
# The caches outlive this build, so that the next one compiles what has changed and no dependency
# twice. They are no part of the image: the program is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --package server \
    && install -D --mode=0755 target/release/trunkline /out/trunkline

FROM debian:bookworm-slim
# The HTTP client trusts the system's certificates, and does not start without any.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 trunkline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin trunkline \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /out/trunkline /usr/local/bin/trunkline

ENV TRUNKLINE_ENV=production \
    TRUNKLINE__SERVER__BIND=0.0.0.0:8080
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
# The default settings keep everything in the folder `data` below this one: the volume.
WORKDIR /
VOLUME ["/data"]
EXPOSE 8080
# `serve --role worker` listens on nothing, so nothing answers there: run it with --no-healthcheck
# (in Compose `healthcheck: {disable: true}`). What it counts is not served either.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["trunkline", "healthcheck"]
ENTRYPOINT ["trunkline"]
CMD ["serve"]
