// Export Certificate: with the wrong password, two passwords that differ, and a PFX file that OpenSSL reads.
import { expect } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { accessible, awake, errorSummary, open, password, signIn, test } from './support';
import { uploaded } from './uploaded';

test('a certificate leaves with its key, once the person has said who they are', async ({ page }) => {
  const id = await uploaded();
  await signIn(page);
  await open(page, `/certificates/${id}`);
  await page.getByRole('link', { name: 'Export Certificate' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Export the certificate of');
  await accessible(page);

  const fill = async (secret: string, again: string, own: string) => {
    await awake(page);
    await page.getByLabel('Password of the PFX file').fill(secret);
    await page.getByLabel('The same password again').fill(again);
    await page.getByLabel('Reason').fill('The old balancer needs it');
    await page.getByLabel('Your own password').fill(own);
  };
  const send = () => page.getByRole('button', { name: 'Export Certificate' }).click();
  await fill('correct-horse', 'another-horse', password);
  await send();
  await expect(errorSummary(page)).toContainText('The two passwords differ.');
  await fill('correct-horse', 'correct-horse', 'not it');
  await send();
  await expect(errorSummary(page)).toContainText('Your password is wrong.');
  await expect(page.getByLabel('Reason')).toHaveValue('The old balancer needs it');

  await fill('correct-horse', 'correct-horse', password);
  const downloading = page.waitForEvent('download');
  await send();
  const file = await (await downloading).path();
  const words = execFileSync('openssl', ['pkcs12', '-in', file, '-passin', 'pass:correct-horse', '-nodes'], { encoding: 'utf8', stdio: 'pipe' });
  expect(words).toContain('BEGIN PRIVATE KEY');
  expect(words).toContain('BEGIN CERTIFICATE');
});
