// Export Certificate: with the wrong password, two passwords that differ, and a PFX file that OpenSSL reads.
import { expect } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { accessible, addDomain, awake, errorSummary, fresh, lab, open, password, signIn, test, tokenFile } from './support';

/** Uploads a certificate of the office's own by the API. */
async function uploaded(): Promise<string> {
  const name = fresh('export');
  const { id } = await addDomain(name);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'export-'));
  const openssl = (words: string) => execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe' });
  writeFileSync(path.join(folder, 'leaf.ext'), `basicConstraints=CA:false\nsubjectAltName=DNS:${name}\n`);
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  openssl(`req -x509 ${key} -days 300 -subj /O=Court/CN=Root -keyout root.key -out root.pem`);
  openssl(`req ${key} -subj /CN=court -keyout leaf.key -out leaf.csr`);
  openssl('x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile leaf.ext -days 90 -out leaf.pem');
  const form = new FormData();
  const files = ['leaf.pem', 'root.pem', 'leaf.key'].map((file) => readFileSync(path.join(folder, file), 'utf8'));
  form.set('certificate', new Blob([files.join('')]));
  const response = await fetch(`${lab('PADLOCK_PUBLIC_URL')}/api/v1/domains/${id}/certificates`, {
    method: 'POST',
    headers: { authorization: `Bearer ${readFileSync(tokenFile, 'utf8')}` },
    body: form,
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

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
