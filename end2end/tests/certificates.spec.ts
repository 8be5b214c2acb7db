// Certificates: all of them by expiry with the coming renewals, and one with its chain, its life and those before it.
import { expect } from '@playwright/test';
import { accessible, activeDomain, heading, open, signIn, test } from './support';

test('a certificate is found in the list of all, and tells everything about itself', async ({ page }) => {
  const { domain, certificates } = await activeDomain();
  const certificate = certificates[0]!;
  await signIn(page);
  await page.getByRole('link', { name: 'Certificates', exact: true }).click();
  await expect(heading(page, 'Certificates')).toBeVisible();
  await accessible(page);
  await expect(page.getByRole('table', { name: 'Coming renewals' }).getByRole('row')).toHaveCount(13);
  await page.getByLabel('Source').selectOption('acme');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('table', { name: 'Certificates in use' }).getByRole('link', { name: domain, exact: true }).click();
  await expect(heading(page, `Certificate of ${domain}`)).toBeVisible();
  await accessible(page);
  for (const said of [certificate.serial, certificate.fingerprint_sha256, 'ECDSA P-256', 'renews about']) {
    await expect(page.getByText(said).first()).toBeVisible();
  }
  const href = await page.getByRole('link', { name: 'Download public chain (PEM)' }).getAttribute('href');
  const file = await page.request.get(href ?? '');
  expect(file.headers()['content-disposition']).toContain('certificate.pem');
  expect(await file.text()).toMatch(/^-----BEGIN CERTIFICATE-----/);
  await expect(page.getByText('The PFX file asks for a password: padlock')).toBeVisible();
  const closed = await page.getByRole('link', { name: 'Download public chain (PFX)' }).getAttribute('href');
  const pfx = await page.request.get(closed ?? '');
  expect(pfx.headers()['content-type']).toBe('application/x-pkcs12');
  expect(pfx.headers()['content-disposition']).toContain('certificate.pfx');
  await page.getByRole('link', { name: `Web domain ${domain}` }).click();
  await expect(heading(page, domain)).toBeVisible();
  await page.getByRole('link', { name: 'Chain, key and renewal of this certificate' }).first().click();
  await expect(heading(page, `Certificate of ${domain}`)).toBeVisible();
});

test('what is uploaded is told apart, and who has none is told so', async ({ page }) => {
  const { domain } = await activeDomain();
  await signIn(page);
  await open(page, '/certificates?source=upload');
  await expect(heading(page, 'Certificates')).toBeVisible();
  await expect(page.getByRole('link', { name: domain })).toHaveCount(0);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await signIn(page, 'newcomer');
  await open(page, '/certificates?source=upload');
  await expect(page.getByText('No certificate matches.')).toBeVisible();
  await accessible(page);
});
