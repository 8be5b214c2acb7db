// The main job: a domain is added, its records are published in a real DNS server, and the page turns Active while it is looked at.
import { expect, type Page } from '@playwright/test';
import { accessible, awake, type Domain, domain, fact, fresh, heading, publish, record, recordRow, scripted, signIn, status, test, visit } from './support';

test.setTimeout(180_000);

test('added, published, Active', async ({ page }) => {
  const name = fresh('portal');
  await signIn(page);
  await add(page, name, 'Public portal');
  await showsTheRecords(page, await domain(name));
  await expect(status(page, 'Domain Status')).toHaveAttribute('data-status', 'verification_pending');

  const witness = scripted() ? await watch(page) : undefined;
  await publish(name);
  // Nobody can tell the server that a page without script is open: its reader asks.
  if (!scripted()) await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(status(page, 'SSL Status')).toHaveText('Active', { timeout: 90_000 });
  await expect(status(page, 'Domain Status')).toHaveText('Active');
  for (const purpose of ['validation', 'dcv', 'routing'] as const) {
    await expect(recordRow(page, purpose).locator('[data-status]')).toHaveAttribute('data-status', 'detected');
  }
  await expect(page.getByRole('heading', { name: 'Nothing to do' })).toBeVisible();
  await witness?.nothingWasReloaded();
  await witness?.saidOnce('Domain Status is now Active.', 'SSL Status is now Active.');

  const [certificate] = (await domain(name)).certificates;
  await showsTheCertificate(page, name, certificate);
  const served = await visit(name);
  expect(served.status).toBe(200);
  expect(plain(served.certificate.serialNumber)).toBe(plain(certificate.serial));
  await tellsTheStory(page, certificate.serial);
});

test('a wrong value is shown beside the right one, and its repair is seen', async ({ page }) => {
  const name = fresh('mistaken');
  await signIn(page);
  await add(page, name, '');
  await publish(name, 'dcv', 'routing');
  record('set', 'court.test', `_padlock.${name}`, 'TXT', 'site-verification=<b>0123456789</b>');
  await page.getByRole('button', { name: 'Refresh' }).click();

  const row = recordRow(page, 'validation');
  await expect(row.locator('[data-status]')).toHaveAttribute('data-status', 'wrong', { timeout: 60_000 });
  const { value } = (await domain(name)).dns_records.find((one) => one.purpose === 'validation')!;
  await expect(fact(row, 'Found')).toContainText('site-verification=<b>0123456789</b>');
  await expect(fact(row, 'Expected')).toHaveText(value);
  await expect(page.getByRole('heading', { name: /has a different value/ })).toBeVisible();

  await publish(name, 'validation');
  if (!scripted()) await refreshAgain(page);
  await expect(row.locator('[data-status]')).toHaveAttribute('data-status', 'detected', { timeout: 60_000 });
  await expect(fact(row, 'Found')).toHaveCount(0);

  // What was there and what is there stand side by side in the timeline, in words too, and as text.
  const timeline = page.getByRole('region', { name: 'Timeline' });
  const gone = page.locator('del', { hasText: 'site-verification=<b>0123456789</b>' });
  await expect(fact(timeline, 'Was').filter({ has: gone }).first()).toContainText('Gone: ');
  await expect(fact(timeline, 'Now').filter({ has: page.locator('ins', { hasText: value }) }).first()).toContainText('New: ');
  await accessible(page);
});

async function add(page: Page, name: string, called: string) {
  await page.getByRole('link', { name: 'Add Web Domain' }).first().click();
  await expect(heading(page, 'Add Web Domain')).toBeVisible();
  await page.getByLabel('Domain', { exact: true }).fill(name);
  await page.getByLabel('Name').fill(called);
  await page.getByRole('button', { name: 'Add Web Domain' }).click();
  await expect(heading(page, name)).toBeVisible();
  await expect(page).toHaveTitle(`${name} - Padlock`);
  await awake(page);
}

async function showsTheRecords(page: Page, added: Domain) {
  expect(added.dns_records).toHaveLength(3);
  for (const { purpose, type, host, value } of added.dns_records) {
    const row = recordRow(page, purpose);
    await expect(fact(row, 'Type')).toHaveText(type);
    await expect(row.getByText(value, { exact: true })).toBeVisible();
    // Once the zone is known, the host is shown as providers want it, and in full beside it.
    await expect(fact(row, 'Host')).toContainText(host);
  }
}

async function showsTheCertificate(page: Page, name: string, certificate: Domain['certificates'][number]) {
  const details = page.getByRole('region', { name: 'Certificate Details' });
  await expect(fact(details, 'Hostname')).toHaveText(name);
  await expect(fact(details, 'Certificate Authority')).toHaveText(certificate.certificate_authority);
  await expect(fact(details, 'Wildcard Support')).toHaveText('No');
  await expect(fact(details, 'Issuer')).toHaveText(certificate.issuer);
  await expect(fact(details, 'Issued date').locator('time')).toHaveAttribute('datetime', certificate.issued_at);
  await expect(fact(details, 'Expiry date').locator('time')).toHaveAttribute('datetime', certificate.expires_at);
  await details.getByText('Serial number and fingerprint').click();
  await expect(fact(details, 'Serial number')).toHaveText(certificate.serial);
}

async function tellsTheStory(page: Page, serial: string) {
  const steps = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem');
  for (const step of [/Web domain .* added/, /^.*(DNS changed|First look at DNS).*Detected/, /Asking .* for a certificate/, new RegExp(`Certificate ${serial} issued by`), /Our servers serve the certificate/]) {
    await expect(steps.filter({ hasText: step }).first()).toBeVisible();
  }
}

/** Presses Refresh as soon as the server allows it again: once in five seconds. */
async function refreshAgain(page: Page) {
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 1_000 });
  }).toPass({ intervals: [2_000] });
}

/** Notes what the page says aloud, and whether it was ever loaded again. */
async function watch(page: Page) {
  let loads = 0;
  page.on('load', () => (loads += 1));
  await page.evaluate(() => {
    const region = document.querySelector('[role="status"]')!;
    const said: string[] = [];
    Object.assign(window, { said });
    new MutationObserver(() => said.push(region.textContent!.trim())).observe(region, { childList: true, characterData: true, subtree: true });
  });
  return {
    nothingWasReloaded() {
      expect(loads).toBe(0);
    },
    async saidOnce(...sentences: string[]) {
      const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
      for (const sentence of sentences) expect(said.filter((words) => words.includes(sentence)), `said: ${said.join(' | ')}`).toHaveLength(1);
    },
  };
}

function plain(serial: string): string {
  return serial.toLowerCase().replaceAll(':', '').replace(/^0+/, '');
}
