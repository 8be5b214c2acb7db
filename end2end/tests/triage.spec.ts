// Triage: what is not Ready over all customers, in heaps of one cause, for those who help.
import { expect, type Page } from '@playwright/test';
import { accessible, addDomain, api, customers, fits, fresh, heading, open, scripted, signIn, test, until } from './support';

/** A domain of this customer without any record, once that is known. */
async function lacking(customer: string) {
  const { id, domain } = await addDomain(fresh('helped'), customer);
  await until('its cause is known', async () => (await api<{ status_code: string }>('GET', `/domains/${id}`)).status_code === 'rec_missing', 60_000);
  return { id, domain };
}

function heap(page: Page) {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name: 'A required record is not there' }) });
}

test('a heap has its domains, a reply and a look at all of them', async ({ page }) => {
  const { domain } = await lacking(customers.court);
  await signIn(page, 'operator');
  await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Triage' }).click();
  await expect(heading(page, 'Triage')).toBeVisible();
  await expect(page.getByText(/^Not Active: \d[\d,]*\+? domains?$/)).toBeVisible();
  await expect(heap(page)).toContainText('DNS administrator');
  await accessible(page);
  await fits(page, 320);

  await page.setViewportSize({ width: 1280, height: 900 });
  await heap(page).getByText('Reply to the customer').click();
  const reply = heap(page).locator('pre');
  await expect(reply).toContainText('about your web domain [domain]');
  await expect(reply).not.toContainText(/(court|county|agency)\.test/);
  await accessible(page);
  if (scripted()) {
    await heap(page).getByRole('button', { name: /^Copy reply/ }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('about your web domain [domain]');
  }

  await heap(page).getByRole('button', { name: 'Check all of these again' }).click();
  await expect(page.getByText(/being checked again|within the last few minutes/)).toBeVisible();
  await expect(page).toHaveURL(/\/triage\?checked=\d+/);

  await heap(page).getByRole('link', { name: 'A required record is not there' }).click();
  await expect(page).toHaveURL('/domains?cause=rec_missing.dns');
  await expect(page.getByText('Who can act: DNS administrator.')).toBeVisible();
  await expect(page.getByLabel('Order').locator('option:checked')).toHaveText('Longest waiting first');
  await accessible(page);
  await page.getByRole('searchbox').fill(domain);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/cause=rec_missing\.dns/);
  await expect(page.locator('tbody').getByRole('link', { name: domain, exact: true })).toBeVisible();
});

test('the queue is narrowed to a customer and to who can act', async ({ page }) => {
  await lacking(customers.registry);
  await signIn(page, 'operator');
  await open(page, '/triage');
  await page.getByLabel('Customer').selectOption(customers.town);
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByText('Every web domain here is Ready')).toBeVisible();
  await page.getByLabel('Customer').selectOption(customers.registry);
  await page.getByLabel('Who can act').selectOption('DNS administrator');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/owner=dns/);
  await expect(heap(page)).toBeVisible();
  await page.getByLabel('Who can act').selectOption('Certificate authority');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(heap(page)).toHaveCount(0);
});

test('whoever helps has a reply on a domain\'s page, and its customer has none', async ({ page }) => {
  const { id, domain } = await lacking(customers.court);
  await signIn(page, 'operator');
  await open(page, `/domains/${id}`);
  await page.getByText('Reply to the customer').click();
  await expect(page.locator('#reply')).toContainText(`about your web domain ${domain}`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await signIn(page, 'clerk');
  await expect(page.getByRole('link', { name: 'Triage' })).toHaveCount(0);
  await open(page, `/domains/${id}`);
  await expect(page.getByText('Reply to the customer')).toHaveCount(0);
  await open(page, '/triage');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You cannot open this page');
});
