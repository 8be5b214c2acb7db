// What a browser is sent when it first comes: script, module and styles, compressed as they travel.
import { expect } from '@playwright/test';
import { activeDomain, open, signIn, test } from './support';

const LIMIT = 250_000;

test('a first load is light', async ({ page }) => {
  const { id } = await activeDomain();
  await signIn(page);
  // A browser that was never here.
  await (await page.context().newCDPSession(page)).send('Network.clearBrowserCache');
  const files = new Map<string, Promise<number>>();
  page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/pkg/')) files.set(pathname, request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  await open(page, `/domains/${id}`);
  expect([...files.keys()].sort()).toEqual(['/pkg/padlock.css', '/pkg/padlock.js', '/pkg/padlock_bg.wasm']);
  const sizes = await Promise.all(files.values());
  const sum = sizes.reduce((total, size) => total + size, 0);
  expect(sum, `bytes: ${sizes.join(' + ')}`).toBeGreaterThan(10_000);
  expect(sum, `bytes: ${sizes.join(' + ')}`).toBeLessThanOrEqual(LIMIT);
});
