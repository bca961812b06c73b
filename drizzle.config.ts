import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'sqlite', schema: './dist/store/schema.js', out: './drizzle' })
