// A client that arrives late: the page works before it, nothing typed is lost, and what is pressed after it reaches the server.
import { expect, type Page } from '@playwright/test';
import { addDomain, api, type Domain, fresh, heading, open, signIn, test, until } from './support';

const LATE_MS = 3_000;

test('what was typed before the client came is still there', async ({ page }) => {
  await signIn(page);
  await delay(page);
  await page.goto('/domains/new');
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
  await page.getByLabel('Domain', { exact: true }).fill('https://portal.court.test/');
  await page.getByLabel('Name').fill('Public portal');
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
  await expect(page.locator('html[data-hydrated="true"]')).toBeAttached();
  await expect(page.getByLabel('Domain', { exact: true })).toHaveValue('https://portal.court.test/');
  await expect(page.getByLabel('Name')).toHaveValue('Public portal');
  await expect(page.getByText('Did you mean portal.court.test?')).toBeVisible();
});

test('a form that is sent before the client came is sent', async ({ page }) => {
  const name = fresh('early');
  await signIn(page);
  await delay(page);
  await page.goto('/domains/new');
  await page.getByLabel('Domain', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Add Web Domain' }).click();
  await expect(heading(page, name)).toBeVisible();
});

test('a press reaches the server once the client runs', async ({ page }) => {
  const { id } = await addDomain(fresh('pressed'));
  const attempt = async () => (await api<Domain & { checked_at: string }>('GET', `/domains/${id}`)).checked_at;
  await until('the first look', attempt);
  const before = await attempt();
  await signIn(page);
  await open(page, `/domains/${id}`);
  const [sent] = await Promise.all([page.waitForRequest(/\/domains\/refresh/), page.getByRole('button', { name: 'Refresh' }).click()]);
  expect(sent.method()).toBe('POST');
  expect(sent.isNavigationRequest()).toBe(false);
  expect((await sent.response())?.status(), 'back to the page').toBe(302);
  await until('another look', async () => (await attempt()) > before);
});

async function delay(page: Page) {
  await page.route(/\.wasm(\?|$)/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    await route.continue().catch(() => undefined); // The page may have gone on meanwhile.
  });
}
