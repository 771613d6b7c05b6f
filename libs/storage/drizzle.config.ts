import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/schema.ts', './src/schema-channel.ts', './src/schema-people.ts'],
  out: './migrations',
});
