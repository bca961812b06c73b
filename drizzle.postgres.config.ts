import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './dist/store/postgres/schema.js',
  out: './drizzle/postgres',
})
