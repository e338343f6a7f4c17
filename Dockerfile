# port-exporter in an image without a shell: about 18 MB of packages on top of Node.js.
#
#   docker build --tag port-exporter .
#   docker run --read-only --cap-drop=ALL --publish 127.0.0.1:9715:9715 \
#     --volume "$PWD/port-exporter.yml:/etc/port-exporter/port-exporter.yml:ro" port-exporter
#
# There is no ping in it. For ICMP: docker build --target run-with-ping --tag port-exporter:ping .

FROM node:24-slim AS deps
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN node_modules/.bin/tsc -p tsconfig.build.json

FROM scratch AS files
COPY --from=deps /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
# What init writes is made of these.
COPY alerts/alertmanager.yml alerts/port-exporter.rules.yml /app/alerts/
COPY alerts/templates /app/alerts/templates
COPY config/port-exporter.yml /etc/port-exporter/port-exporter.yml

FROM node:24-slim AS run-with-ping
LABEL org.opencontainers.image.title="port-exporter" \
  org.opencontainers.image.description="Prometheus exporter that tells which TCP port is down, why, and since when" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
# A copy has neither the capability nor the setuid bit of Debian's ping: the kernel refuses to run what has a capability that the container
# has not. It sends by the socket that net.ipv4.ping_group_range lets everybody open: Docker sets that, docs/deployment.md has the others.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends iputils-ping \
  && install --mode=755 /usr/bin/ping /usr/local/bin/ping \
  && rm -rf /usr/bin/ping /var/lib/apt/lists/*
WORKDIR /app
COPY --from=files / /
USER 65532:65532
EXPOSE 9715
# With a web configuration the answer is 400 (speak TLS), 401 or 429: whoever says so is alive.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
  CMD ["/usr/local/bin/node", "-e", "fetch('http://127.0.0.1:9715/-/healthy').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "--enable-source-maps", "--max-semi-space-size=16", "/app/dist/cli/main.js"]
CMD ["--config.file=/etc/port-exporter/port-exporter.yml"]

FROM gcr.io/distroless/nodejs24-debian13:nonroot AS run
LABEL org.opencontainers.image.title="port-exporter" \
  org.opencontainers.image.description="Prometheus exporter that tells which TCP port is down, why, and since when" \
  org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=files / /
USER 65532:65532
EXPOSE 9715
# No shell and no curl here. It asks port 9715 in plain HTTP: replace it when --web.listen-address, --web.route-prefix or --web.config.file
# says otherwise.
# With a web configuration the answer is 400 (speak TLS), 401 or 429: whoever says so is alive.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
  CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:9715/-/healthy').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"]
# Node.js is process 1, so that SIGTERM reaches it: it ends with 0 when the scrapes in flight are answered. By itself Node.js 24 takes more
# room for young objects than 20: 330 MB instead of 230 MB with 10,000 targets.
ENTRYPOINT ["/nodejs/bin/node", "--enable-source-maps", "--max-semi-space-size=16", "/app/dist/cli/main.js"]
CMD ["--config.file=/etc/port-exporter/port-exporter.yml"]
