// Every page in every state, as people see it. It asserts nothing but that the page came.
import { expect, type Page } from '@playwright/test';
import path from 'node:path';
import { addDomain, api, checkout, customers, domain, errorSummary, heading, lab, lookNow, open, password, people, publish, record, recordRow, signIn, submitSignIn, test, until } from '../tests/support';

const folder = path.join(checkout, 'target/screenshots');
const widths = { desktop: 1280, phone: 375 };

test('pages', async ({ page }) => {
  test.setTimeout(600_000);
  await furnish();
  await open(page, '/sign-in');
  await shoot(page, 'sign-in');
  await submitSignIn(page, people.newcomer.email, 'not the password of anybody');
  await expect(errorSummary(page)).toBeVisible();
  await shoot(page, 'sign-in-error');
  await signIn(page, 'newcomer');
  await shoot(page, 'list-empty');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();

  await signIn(page);
  await shoot(page, 'list');
  await open(page, '/domains?q=nothing-has-this-name');
  await shoot(page, 'list-nothing-matches');
  await open(page, '/domains/new');
  await shoot(page, 'add');
  await page.getByLabel('Domain', { exact: true }).fill('https://portal.court.test/cases');
  await shoot(page, 'add-advice');
  await page.getByRole('button', { name: 'Add Web Domain' }).click();
  await expect(errorSummary(page)).toBeVisible();
  await shoot(page, 'add-error');
  for (const [name, state] of Object.entries({ 'jury.court.test': 'new', 'archive.court.test': 'wrong', 'calendar.county.test': 'not-routed', 'records.court.test': 'active', 'hearings.court.test': 'moved' })) {
    await open(page, `/domains/${(await domain(name)).id}`);
    await expect(heading(page, name)).toBeVisible();
    await shoot(page, `domain-${state}`);
  }
  await page.setViewportSize({ width: widths.desktop, height: 1_180 });
  await open(page, `/domains/${(await domain('archive.court.test')).id}`);
  await recordRow(page, 'validation').getByText('What each name server answered').click();
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: path.join(folder, 'readme-domain.png') });
  await open(page, '/domains');
  await page.screenshot({ path: path.join(folder, 'readme-list.png'), clip: { x: 0, y: 0, width: widths.desktop, height: 830 } });
  await open(page, `/domains/${(await domain('jury.court.test')).id}/remove`);
  await shoot(page, 'remove');
  await page.getByRole('button', { name: 'Remove web domain' }).click();
  await expect(errorSummary(page)).toBeVisible();
  await shoot(page, 'remove-error');
  await open(page, '/help');
  await shoot(page, 'help');
  await page.goto('/nowhere');
  await shoot(page, 'not-found');
});

test('the first load without the client', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: widths.desktop, height: 900 } });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await submitSignIn(page, people.clerk.email, password);
  await page.goto(`/domains/${(await domain('archive.court.test')).id}`);
  await shoot(page, 'domain-without-script');
  await context.close();
});

async function shoot(page: Page, name: string) {
  for (const [at, width] of Object.entries(widths)) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: path.join(folder, `${name}-${at}.png`), fullPage: true });
  }
}

/** A court as it is in the middle of its work. */
async function furnish() {
  if ((await api<{ items: unknown[] }>('GET', '/domains?q=records.court.test')).items.length > 0) return;
  const names = { 'records.court.test': 'Court Records', 'efiling.court.test': 'E-Filing', 'hearings.court.test': 'Virtual Hearings', 'jury.court.test': 'Jury Duty', 'archive.court.test': 'Archive', 'calendar.county.test': 'Court Calendar' };
  for (const [domain, name] of Object.entries(names)) await api('POST', '/domains', { domain, name, customer: customers.court });
  for (const name of ['records.court.test', 'efiling.court.test', 'hearings.court.test']) await publish(name);
  await publish('calendar.county.test', 'validation', 'dcv');
  record('set', 'county.test', 'calendar', 'A', lab('LAB_OLD_SITE'));
  await publish('archive.court.test', 'dcv', 'routing');
  record('set', 'court.test', '_padlock.archive', 'TXT', 'site-verification=0123456789');
  for (const name of Object.keys(names)) await lookNow((await domain(name)).id);
  for (const name of ['records.court.test', 'efiling.court.test', 'hearings.court.test']) await until(`${name} is live`, async () => (await domain(name)).ready, 90_000);
  record('set', 'court.test', 'hearings', 'A', lab('LAB_OLD_SITE'));
  await lookNow((await domain('hearings.court.test')).id);
  await until('it is seen to have moved', async () => (await domain('hearings.court.test')).domain_status === 'moved', 60_000);
  await until('the certificate of the one that is not routed', async () => (await domain('calendar.county.test')).ssl_status === 'active', 60_000);
}
