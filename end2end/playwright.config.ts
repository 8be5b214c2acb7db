// The browser tests: Debian's Chromium, once with JavaScript and once without. Specs named *.hydrate.spec.ts need it.
import { defineConfig } from '@playwright/test';
import { lab } from './tests/support';

const chromium = {
  browserName: 'chromium' as const,
  launchOptions: {
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  },
};

export default defineConfig({
  testDir: './tests',
  outputDir: '../target/test/browser',
  globalSetup: './tests/server.ts',
  // Both projects share one Padlock and two cores; the limits fit a slow machine. Traces cost a third of the time: `--trace retain-on-failure` when needed.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: [['list'], ['json']],
  use: { baseURL: lab('PADLOCK_PUBLIC_URL'), screenshot: 'only-on-failure', permissions: ['clipboard-read', 'clipboard-write'] },
  projects: [
    { name: 'with JavaScript', use: { ...chromium, javaScriptEnabled: true } },
    { name: 'without JavaScript', use: { ...chromium, javaScriptEnabled: false }, testIgnore: '**/*.hydrate.spec.ts' },
  ],
});
