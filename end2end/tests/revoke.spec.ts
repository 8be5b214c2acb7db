// Revoking a certificate: asked twice, told to the CA, and another one served at once.
import { expect } from '@playwright/test';
import { accessible, awake, domain, errorSummary, fresh, goLive, heading, open, signIn, test, until, visit } from './support';

test('a certificate is revoked, and its successor is served', async ({ page }) => {
  const name = fresh('revoke');
  const { id, certificates } = await goLive(name);
  const before = (await visit(name)).certificate.serialNumber;
  await signIn(page);
  await open(page, `/certificates/${certificates[0].id}`);
  await page.getByRole('link', { name: 'Revoke', exact: true }).click();
  await expect(heading(page, `Revoke the certificate of ${name}`)).toBeVisible();
  await accessible(page);

  const fill = async (typed: string) => {
    await awake(page);
    await page.getByLabel('Reason').selectOption('key_compromise');
    await page.getByLabel(`Type ${name}`).fill(typed);
    await page.getByRole('button', { name: 'Revoke certificate' }).click();
  };
  await fill('another.court.test');
  await expect(errorSummary(page)).toContainText(`Type ${name} to revoke its certificate.`);
  await expect(page.getByLabel('Reason')).toHaveValue('key_compromise');
  await fill(name);
  await expect(page).toHaveURL(new RegExp(`/domains/${id}$`));
  await until('another certificate is served', async () => (await visit(name)).certificate.serialNumber !== before);
  await until('the domain is Ready again', async () => (await domain(name)).ready);

  await open(page, `/certificates/${certificates[0].id}`);
  await expect(page.locator('[data-status="revoked"]').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Revoke', exact: true })).toHaveCount(0);
  await open(page, `/domains/${id}`);
  await expect(page.getByText('The certificate authority has revoked the certificate')).toBeVisible();
});
