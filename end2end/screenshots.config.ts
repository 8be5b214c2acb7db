// `npm run screenshots`: every page and state at desktop and phone width, into target/screenshots, for people to look at.
import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

export default defineConfig({
  ...tests,
  testDir: './screenshots',
  testMatch: 'pages.ts',
  outputDir: '../target/test/screenshots',
  globalSetup: './tests/server.ts',
  reporter: [['list']],
  projects: [tests.projects![0]],
});
