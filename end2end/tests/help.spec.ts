// Help stands where the question arises: a domain's cause leads to the words that explain it.
import { expect } from '@playwright/test';
import { addDomain, domain, fresh, heading, open, signIn, test, until } from './support';

test('the cause leads to its explanation', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('asked'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByRole('link', { name: 'What this means' }).click();
  await expect(heading(page, 'Help')).toBeVisible();
  const fragment = new URL(page.url()).hash;
  expect(fragment).toBe('#places');
  await expect(page.locator(fragment)).toBeInViewport();
});

test('everything in the contents is there, and no place has two names', async ({ page }) => {
  await open(page, '/help');
  const contents = page.getByRole('navigation', { name: 'On this page' }).getByRole('link');
  await expect(contents).toHaveCount(9);
  for (const link of await contents.all()) {
    const target = page.locator((await link.getAttribute('href'))!);
    await expect(target).toHaveText((await link.textContent())!.trim());
  }
  const ids = await page.locator('main [id]').evaluateAll((all) => all.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
