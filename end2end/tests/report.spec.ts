// The Monitoring Report: live diagnostics on a page that is a document when it is printed.
import { expect } from '@playwright/test';
import { accessible, activeDomain, addDomain, fits, fresh, heading, lab, open, record, signIn, test } from './support';

test('a report says what is seen of a domain that is Active', async ({ page }) => {
  const { id, domain } = await activeDomain();
  // The operator's blocklist knows the edge's address (`server.ts`).
  const reversed = lab('LAB_EDGE_IP').split('.').reverse().join('.');
  record('set', 'agency.test', `${reversed}.bl.agency.test`, 'A', '127.0.0.2');
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByRole('link', { name: 'View Report' }).click();
  await expect(heading(page, `Monitoring Report for ${domain}`)).toBeVisible();
  const section = (name: string) => page.getByRole('table', { name });
  await expect(section('DNS')).toContainText('Answers over UDP and TCP.');
  await expect(section('DNS')).toContainText('Leads here.');
  await expect(section('Certificate')).toContainText(/valid until .*, \d+ more days/);
  await expect(section('HTTP').first()).toBeVisible();
  await expect(section('HTTPS')).toContainText('Answers with 200.');
  await expect(section('Security headers')).toContainText('strict-transport-security');
  await expect(section('Reputation')).toContainText('Listed, by the code 127.0.0.2.');
  await accessible(page);
  await fits(page, 320);

  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation', { name: 'Console' })).toBeHidden();
  await expect(section('DNS')).toBeVisible();
  await page.emulateMedia({ media: 'screen' });
});

test('a report of a domain that waits leads with what is missing', async ({ page }) => {
  const { id } = await addDomain(fresh('reported'));
  await signIn(page, 'viewer');
  await open(page, `/domains/${id}/report`);
  await expect(page.getByRole('heading', { name: 'What was found' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'DNS' })).toContainText('Not in place at every name server.');
  await accessible(page);
});

test('another customer\'s report is not found', async ({ page }) => {
  const { id } = await addDomain(fresh('private'));
  await signIn(page, 'registrar');
  const answer = await page.goto(`/domains/${id}/report`);
  expect(answer?.status()).toBe(404);
});
