// Every page in every state, judged by axe at a desk, on a tablet, on a phone and in forced colours.
import { expect, type Page } from '@playwright/test';
import { accessible, activeDomain, addDomain, api, domain, errorSummary, fresh, heading, lookNow, open, people, record, signIn, submitSignIn, test, until } from './support';

test.setTimeout(150_000);

test('sign in', async ({ page }) => {
  await open(page, '/sign-in');
  await accessible(page);
  await submitSignIn(page, people.newcomer.email, 'not the password of anybody');
  await expect(errorSummary(page)).toBeVisible();
  await accessible(page);
});

test('the list, empty', async ({ page }) => {
  await signIn(page, 'newcomer');
  await open(page, '/domains?q=nothing-has-this-name');
  await accessible(page);
});

test('the list, full', async ({ page }) => {
  await activeDomain();
  await addDomain(fresh('listed'));
  await signIn(page);
  await accessible(page);
  await open(page, '/domains?view=needs_you&sort=-status');
  await accessible(page);
});

test('add a domain', async ({ page }) => {
  await signIn(page);
  await open(page, '/domains/new');
  await accessible(page);
  await page.getByLabel('Domain', { exact: true }).fill('https://portal.court.test/cases');
  await page.getByRole('button', { name: 'Add Web Domain' }).click();
  await expect(errorSummary(page)).toBeVisible();
  await accessible(page);
});

test('a domain that waits', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('waiting'));
  record('set', 'court.test', `_padlock.${name}`, 'TXT', 'of-another-product=0123456789');
  await lookNow(id);
  await signIn(page);
  await open(page, `/domains/${id}`);
  await until('the wrong record is seen', async () => (await domain(name)).dns_records[0].state === 'wrong', 90_000);
  await page.reload();
  await openEverything(page);
  await accessible(page);
});

test('a domain that is Active', async ({ page }) => {
  const { id } = await activeDomain();
  await signIn(page);
  await open(page, `/domains/${id}`);
  await openEverything(page);
  await accessible(page);
});

test('what the certificate authority sees', async ({ page }) => {
  const { id } = await addDomain(fresh('seen'));
  await until('a full pass', async () => (await api<{ examined_at?: string }>('GET', `/domains/${id}/diagnosis`)).examined_at);
  await signIn(page);
  await open(page, `/domains/${id}/diagnosis`);
  await expect(page.getByRole('region').first()).toBeVisible();
  await accessible(page);
});

test('removal', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('removal'));
  await signIn(page);
  await open(page, `/domains/${id}/remove`);
  await accessible(page);
  await page.getByLabel(`Type ${domain} to remove it`).fill('another.court.test');
  await page.getByRole('button', { name: 'Remove web domain' }).click();
  await expect(errorSummary(page)).toBeVisible();
  await accessible(page);
});

test('help', async ({ page }) => {
  await open(page, '/help');
  await expect(heading(page, 'Help')).toBeVisible();
  await accessible(page);
});

test('an address that leads nowhere', async ({ page }) => {
  const answer = await page.goto('/nowhere');
  expect(answer?.status()).toBe(404);
  await expect(heading(page, 'Page not found')).toBeVisible();
  await accessible(page);
});

async function openEverything(page: Page) {
  for (const summary of await page.locator('summary').all()) await summary.click();
}
