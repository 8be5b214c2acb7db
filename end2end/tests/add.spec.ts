// Add Web Domain: what is wrong with a name is said beside it, and nothing that was typed is lost.
import { expect, type Page } from '@playwright/test';
import { addDomain, awake, customers, errorSummary, fresh, heading, open, signIn, test } from './support';

const wrong = [
  { typed: '', says: 'Enter the domain, such as portal.agency.gov.' },
  { typed: 'https://portal.court.test/cases?id=1', says: 'Enter only the name, without https:// or a path. Did you mean portal.court.test?' },
  { typed: 'co.uk', says: 'co.uk is a shared suffix or a private name' },
  { typed: 'intranet', says: 'intranet is a shared suffix or a private name' },
  { typed: '192.0.2.7', says: '192.0.2.7 is an address, not a name' },
  { typed: 'my portal.court.test', says: "A space is not allowed in a web address" },
  { typed: '<img src=x onerror=alert(1)>.court.test', says: 'is not allowed' },
];

for (const { typed, says } of wrong) {
  test(`${typed || 'nothing'} is refused in words`, async ({ page }) => {
    await signIn(page);
    await open(page, '/domains/new');
    await page.getByLabel('Name').fill('Public portal');
    await submit(page, typed);
    await expect(errorSummary(page)).toContainText(says);
    await expect(page).toHaveTitle('Error: Add Web Domain - Padlock');
    const field = page.getByLabel('Domain', { exact: true });
    await expect(field).toHaveValue(typed);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription(new RegExp(escaped(says)));
    await expect(page.getByLabel('Name')).toHaveValue('Public portal');

    const name = fresh('corrected');
    await submit(page, name);
    await expect(heading(page, name)).toBeVisible();
    await expect(page.getByText('Public portal')).toBeVisible();
  });
}

test('a name that is there already is not added twice', async ({ page }) => {
  const { domain } = await addDomain(fresh('twice'));
  await signIn(page);
  await open(page, '/domains/new');
  await submit(page, domain.toUpperCase());
  await expect(errorSummary(page)).toContainText('This domain is already in the Console.');
  await expect(page.getByLabel('Domain', { exact: true })).toHaveValue(domain.toUpperCase());
});

test('a second error takes the place of the first', async ({ page }) => {
  await signIn(page);
  await open(page, '/domains/new');
  for (const typed of ['intranet', 'co.uk', 'https://x']) {
    await submit(page, typed);
    await expect(errorSummary(page).getByRole('listitem')).toHaveCount(1);
    await expect(errorSummary(page)).toContainText(typed === 'https://x' ? 'Enter only the name' : typed);
    await expect(page.getByLabel('Domain', { exact: true })).toHaveValue(typed);
    expect([...new URL(page.url()).searchParams.keys()].filter((key) => key === '__err').length).toBeLessThanOrEqual(1);
    await awake(page);
  }
});

test('an operator says whose domain it is', async ({ page }) => {
  const name = fresh('chosen');
  await signIn(page, 'operator');
  await open(page, '/domains/new');
  await page.getByLabel('Customer').selectOption(customers.registry);
  await submit(page, 'https://x');
  await expect(errorSummary(page)).toBeVisible();
  await awake(page);
  await expect(page.getByLabel('Customer').locator('option:checked')).toHaveText(customers.registry);
  await submit(page, name);
  await expect(heading(page, name)).toBeVisible();
  await page.goto(`/domains?q=${name}`);
  await expect(page.getByRole('row', { name })).toContainText(customers.registry);
});

async function submit(page: Page, name: string) {
  await page.getByLabel('Domain', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Add Web Domain' }).click();
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
