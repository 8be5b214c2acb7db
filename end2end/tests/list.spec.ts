// The list: search, filters and pages that live in the address, statuses as words, and cards on a phone.
import { expect, type Page } from '@playwright/test';
import { accessible, activeDomain, addDomain, api, awake, customers, fits, fresh, heading, open, signIn, test, until } from './support';

/** One more than a page. */
const DEEDS = 51;

test.beforeAll(async () => {
  const there = await api<{ items: { domain: string }[] }>('GET', `/domains?q=deed&limit=200&customer=${encodeURIComponent(customers.registry)}`);
  for (let n = there.items.length; n < DEEDS; n += 1) await addDomain(`deed-${String(n).padStart(2, '0')}.county.test`, customers.registry);
});

test('an empty list says what to do', async ({ page }) => {
  await signIn(page, 'viewer');
  await open(page, '/domains?q=nothing-has-this-name');
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all web domains' }).click();
  await expect(page).toHaveURL('/domains');
  await expect(page.getByRole('searchbox')).toHaveValue('');
});

test('a search is in the address and survives going back', async ({ page }) => {
  const { domain } = await addDomain(fresh('sought'));
  await signIn(page);
  await page.getByRole('searchbox').fill(domain.slice(0, 12).toUpperCase());
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/\?q=SOUGHT-/);
  await expect(rows(page)).toHaveCount(1);
  await rows(page).getByRole('link', { name: domain }).click();
  await expect(heading(page, domain)).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('searchbox')).toHaveValue(domain.slice(0, 12).toUpperCase());
  await expect(rows(page)).toHaveCount(1);
  await page.reload();
  await expect(rows(page)).toHaveCount(1);
});

test('filters narrow the list by status', async ({ page }) => {
  const active = await activeDomain();
  // One search finds both, however many domains other walks left.
  const stem = active.domain.split('.')[0]!;
  const waiting = await addDomain(fresh(stem));
  await signIn(page);
  await page.getByRole('searchbox').fill(stem);
  await page.getByLabel('Domain Status').selectOption('active');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/domain_status=active/);
  await expect(row(page, active.domain)).toBeVisible();
  await expect(row(page, waiting.domain)).toHaveCount(0);
  await awake(page);

  await page.getByLabel('Domain Status').selectOption('verification_pending');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(row(page, waiting.domain)).toBeVisible();
  await expect(row(page, active.domain)).toHaveCount(0);
  await expect(page.getByLabel('Domain Status').locator('option:checked')).toHaveText(counted('Verification Pending'));
  await expect(page.getByLabel('SSL Status').locator('option[value="active"]')).toHaveText(counted('Active'));
});

test('a cause is chosen by what it is and who can act', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('caused'));
  await until('its cause is known', async () => (await api<{ status_code: string }>('GET', `/domains/${id}`)).status_code === 'rec_missing', 60_000);
  await signIn(page);
  await open(page, `/domains?q=${domain}`);
  const cause = filters(page).getByLabel('Cause');
  await cause.selectOption('rec_missing.dns');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/cause=rec_missing\.dns/);
  await expect(row(page, domain)).toBeVisible();
  await expect(cause.locator('option:checked')).toHaveText(counted('A required record is not there: DNS administrator'));
  await expect(page.getByLabel('Order').locator('option:checked')).toHaveText('Longest waiting first');
  await accessible(page);
  await page.reload();
  await awake(page);
  await expect(cause).toHaveValue('rec_missing.dns');
  await cause.selectOption('Any');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).not.toHaveURL(/cause=[a-z]/);
  await expect(row(page, domain)).toBeVisible();
});

test('whoever sees all customers narrows the list to one', async ({ page }) => {
  const { id: agency } = await api<{ id: string }>('POST', '/agencies', { name: `Bailiff ${Date.now()}`, customer: customers.registry });
  await signIn(page, 'operator');
  await open(page, '/domains?q=deed');
  const customer = filters(page).getByLabel('Customer');
  await customer.selectOption(customers.town);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('heading', { name: 'No web domain matches' })).toBeVisible();
  const views = page.getByRole('navigation', { name: 'Quick views' });
  await expect(views.getByRole('link', { name: /^Everything/ })).toHaveText('Everything 0');
  await awake(page);
  await customer.selectOption(customers.registry);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(rows(page)).toHaveCount(50);
  await expect(page).toHaveURL(/customer=[0-9a-f-]{36}/);
  await expect(customer.locator('option:checked')).toHaveText(customers.registry);
  // A quick view stays with the customer.
  await views.getByRole('link', { name: /^Active/ }).click();
  await expect(page).toHaveURL(/view=active&customer=[0-9a-f-]{36}/);
  await expect(customer.locator('option:checked')).toHaveText(customers.registry);
  // Another customer's agency is not kept along.
  await open(page, `/domains?agency=${agency}`);
  await customer.selectOption(customers.court);
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/customer=[0-9a-f-]{36}/);
  await expect(filters(page).locator(`option[value="${agency}"]`)).toHaveCount(0);
  await expect(heading(page, 'Web Domains')).toBeVisible();
  await expect(customer.locator('option:checked')).toHaveText(customers.court);
});

test('whoever sees one customer has no other to choose', async ({ page }) => {
  await signIn(page, 'viewer');
  await expect(filters(page)).toBeVisible();
  await expect(filters(page).getByLabel('Customer')).toHaveCount(0);
});

test('a search finds the domains of an agency', async ({ page }) => {
  const { id, domain } = await addDomain(fresh('sheriffs'));
  const name = `Constable ${Date.now()}`;
  await api('POST', '/agencies', { name, customer: customers.court });
  await api('PATCH', `/domains/${id}`, { agency: name });
  await signIn(page);
  await page.getByRole('searchbox').fill(name.toUpperCase());
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(/\?q=CONSTABLE/);
  await expect(rows(page)).toHaveCount(1);
  await expect(row(page, domain)).toContainText(name);
});

test('statuses are words', async ({ page }) => {
  const { domain } = await activeDomain();
  await signIn(page);
  await open(page, `/domains?q=${domain}`);
  const tags = row(page, domain).locator('[data-status]');
  await expect(tags).toHaveText(['Active', 'Active']);
  expect(await tags.evaluateAll((all) => all.map((one) => one.getAttribute('data-status')))).toEqual(['active', 'active']);
  await expect(row(page, domain)).toContainText('renews about');
});

test('each domain is on one page only', async ({ page }) => {
  await signIn(page, 'registrar');
  await open(page, '/domains?q=deed');
  await expect(rows(page)).toHaveCount(50);
  const first = await rows(page).getByRole('link').allTextContents();
  await page.getByRole('link', { name: 'Next page' }).click();
  await expect(page).toHaveURL(/\?q=deed&cursor=/);
  await expect(rows(page)).toHaveCount(DEEDS - 50);
  const second = await rows(page).getByRole('link').allTextContents();
  expect(new Set([...first, ...second]).size).toBe(DEEDS);
  await expect(page.getByRole('link', { name: 'Next page' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Previous page' }).click();
  await expect(rows(page)).toHaveCount(50);
  expect(await rows(page).getByRole('link').allTextContents()).toEqual(first);
  await expect(page.getByRole('link', { name: 'Previous page' })).toHaveCount(0);
  await page.getByRole('link', { name: 'First page' }).click();
  await expect(page).toHaveURL('/domains?q=deed');
  await expect(rows(page)).toHaveCount(50);
});

test('quick views have counts, and show what they count', async ({ page }) => {
  const active = await activeDomain();
  await addDomain(fresh('viewed'));
  await signIn(page);
  const views = page.getByRole('navigation', { name: 'Quick views' });
  await expect(views.getByRole('link', { name: /^Everything/ })).toHaveAttribute('aria-current', 'page');
  await views.getByRole('link', { name: /^Active/ }).click();
  await expect(page).toHaveURL('/domains?view=active');
  await expect(views.getByRole('link', { name: /^Active/ })).toHaveAttribute('aria-current', 'page');
  await expect(row(page, active.domain)).toBeVisible();
  const [, count] = /^Active (\d+)$/.exec(await views.getByRole('link', { name: /^Active/ }).innerText()) ?? [];
  await expect(rows(page)).toHaveCount(Number(count));
  await views.getByRole('link', { name: /^Expiring/ }).click();
  await expect(page.getByLabel('Order').locator('option:checked')).toHaveText('First to expire');
});

test('headings sort, and turn round what they sorted', async ({ page }) => {
  await signIn(page, 'registrar');
  const header = (name: string) => page.getByRole('columnheader', { name });
  await expect(header('Domain').first()).toHaveAttribute('aria-sort', 'ascending');
  await page.getByRole('link', { name: 'Domain', exact: true }).click();
  await expect(page).toHaveURL('/domains?sort=-domain');
  await expect(header('Domain').first()).toHaveAttribute('aria-sort', 'descending');
  const names = await rows(page).getByRole('link').allTextContents();
  expect(names).toEqual([...names].sort().reverse());
  await page.getByRole('link', { name: 'Domain Status', exact: true }).click();
  await expect(page).toHaveURL('/domains?sort=status');
  await expect(header('Domain Status')).toHaveAttribute('aria-sort', 'ascending');
  await expect(page.getByLabel('Order').locator('option:checked')).toHaveText('Domain Status');
});

test('a view without domains says what that means', async ({ page }) => {
  await signIn(page, 'newcomer');
  await expect(page.getByRole('heading', { name: 'No web domains yet' })).toBeVisible();
  await open(page, '/domains?view=needs_you');
  await expect(page.getByRole('heading', { name: 'Nothing needs you' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all web domains' }).click();
  await expect(page).toHaveURL('/domains');
});

test('a phone shows cards, and nothing to scroll sideways', async ({ page }) => {
  const { domain } = await addDomain(fresh('a-rather-long-name-for-a-small-screen', 'county.test'));
  await signIn(page);
  await open(page, `/domains?q=${domain}`);
  await fits(page, 320);
  await expect(page.getByRole('columnheader', { name: 'SSL Status' })).not.toBeInViewport();
  // On a card each part stands below the one before.
  const boxes = await row(page, domain).locator('th, td').evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom })));
  for (const [n, box] of boxes.entries()) if (n > 0) expect(box.top).toBeGreaterThanOrEqual(boxes[n - 1].bottom - 1);
});

function rows(page: Page) {
  return page.locator('tbody tr');
}

function filters(page: Page) {
  return page.getByRole('search');
}

/** A choice that has domains, and says how many. */
function counted(words: string) {
  return new RegExp(`^${words} \\([1-9][\\d,]*\\+?\\)$`);
}

function row(page: Page, domain: string) {
  return rows(page).filter({ has: page.getByRole('link', { name: domain, exact: true }) });
}
