// Activity: who did what, found by filters, paged, and downloaded.
import { expect } from '@playwright/test';
import { accessible, addDomain, fresh, heading, open, signIn, test } from './support';

test('what was done is found, and exported as a table', async ({ page }) => {
  const { domain } = await addDomain(fresh('noted'));
  await signIn(page);
  await open(page, '/activity');
  await expect(heading(page, 'Activity')).toBeVisible();
  await accessible(page);
  await page.getByLabel('Web domain').fill(domain);
  await page.getByRole('button', { name: 'Search' }).click();
  const rows = page.getByRole('table', { name: 'Activity' }).getByRole('row', { name: domain });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(`Web domain ${domain} added`);
  const href = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
  const file = await page.request.get(href ?? '');
  expect(file.headers()['content-disposition']).toContain('audit.csv');
  expect((await file.text()).trim().split('\n')).toHaveLength(2);
});

test('a viewer reads no audit log', async ({ page }) => {
  await signIn(page, 'viewer');
  await expect(page.getByRole('link', { name: 'Activity' })).toHaveCount(0);
  expect((await page.goto('/activity'))?.status()).toBe(403);
});
