# zuko-mcp in a container: built with every tool at hand, run with none of them.
# Leads through it: docs/deployment.md

FROM node:24-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
COPY scripts scripts
COPY bin bin
COPY drizzle drizzle
COPY src src
# Installs exactly what the lockfile names, builds, and leaves only what serves: optional packages are the keyring of
# the bridge, and what other packages would build or test themselves with.
RUN npm run build && npm prune --omit=dev --omit=optional --omit=peer --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    DATABASE_URL=file:/data/zuko.db
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/bin bin
COPY --from=build /app/drizzle drizzle
COPY --from=build /app/dist dist
COPY --from=build /app/node_modules node_modules
# The database and the secret beside it; nothing else is ever written.
RUN install --directory --owner=node --group=node --mode=0700 /data
VOLUME /data
USER node
EXPOSE 3001
# Host is checked on every route, so the question has to name the public one.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "require('node:http').get({ port: 3001, path: '/readyz', headers: { host: new URL(process.env.BACKEND_URL || 'http://localhost:3001').host } }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["node", "bin/zuko-mcp.js"]
CMD ["serve", "--port", "3001", "--host", "0.0.0.0"]
