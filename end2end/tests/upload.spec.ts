// Upload Certificate: PEM and PFX files as OpenSSL makes them, what is wrong with them, the check before anything is served, and the edge.
import { expect, type Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import tls from 'node:tls';
import { accessible, addDomain, awake, domain, errorSummary, fresh, heading, lab, lookNow, open, publish, signIn, test, until } from './support';
import { made } from './uploaded';

test.setTimeout(150_000);

/** A certificate for a name as PEM and PFX, and a key that is not its own. */
function offered(name: string): { at: (file: string) => string; fingerprint: string } {
  const { at, openssl } = made(name);
  openssl('pkcs12 -export -inkey leaf.key -in leaf.pem -certfile root.pem -passout pass:secret -out leaf.pfx');
  openssl('pkcs12 -export -legacy -inkey leaf.key -in leaf.pem -certfile root.pem -passout pass:secret -out old.pfx');
  openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.key');
  const words = openssl('x509 -in leaf.pem -noout -fingerprint -sha256');
  return { at, fingerprint: words.split('=')[1].trim() };
}

async function choose(page: Page, files: Record<string, string>, secret = '') {
  await awake(page);
  for (const [label, file] of Object.entries(files)) await page.getByLabel(label).setInputFiles(file);
  await page.getByLabel('Certificate Password').fill(secret);
  await page.getByRole('button', { name: 'Check the files' }).click();
}

/** SHA-256 of what the edge serves for a name. */
function served(name: string): Promise<string> {
  const [host, port] = lab('PADLOCK_EDGE_HTTPS_ADDR').split(':');
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port: Number(port), servername: name, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', () => resolve(''));
  });
}

async function verified(label: string): Promise<{ id: string; name: string }> {
  const name = fresh(label);
  const { id } = await addDomain(name);
  await publish(name, 'validation', 'routing');
  await lookNow(id);
  await until('it is verified', async () => (await domain(name)).domain_status === 'active', 60_000);
  return { id, name };
}

test('a PFX file is checked, served and taken back', async ({ page }) => {
  const { id, name } = await verified('pfx');
  const { at, fingerprint } = offered(name);
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByRole('link', { name: 'Upload Certificate' }).click();
  await expect(heading(page, `Upload a certificate for ${name}`)).toBeVisible();

  await choose(page, { 'Certificate PFX File': at('leaf.pfx') }, 'wrong');
  await expect(errorSummary(page)).toContainText('The Certificate Password is wrong.');
  await expect(page.getByText('Browsers forget which files were chosen')).toBeVisible();
  await accessible(page);

  await choose(page, { 'Certificate PFX File': at('leaf.pfx') }, 'secret');
  await expect(heading(page, `Check the certificate for ${name}`)).toBeVisible();
  await expect(page.getByText('a root of its own that the public does not know')).toBeVisible();
  await accessible(page);
  expect(await served(name)).not.toBe(fingerprint);

  await awake(page);
  await page.getByRole('button', { name: 'Serve this certificate' }).click();
  await expect(heading(page, name)).toBeVisible();
  await until('the edge serves it', async () => (await served(name)) === fingerprint);
  await until('it is Ready without a DCV record', async () => (await domain(name)).ready);
  await open(page, `/domains/${id}`);
  await expect(page.getByText('Nothing to do', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Remove uploaded certificate' }).click();
  await until('it is not served any more', async () => (await served(name)) === '');
});

test('PEM files, one of them wrong, and a change of mind', async ({ page }) => {
  const { id, name } = await verified('pem');
  const { at } = offered(name);
  await signIn(page);
  await open(page, `/domains/${id}/upload`);
  await page.getByLabel('Certificate Name').fill('Court 2027');
  await choose(page, { 'Public Certificate File': at('leaf.pem'), 'CA Bundle File': at('root.pem'), 'Private Key File': at('other.key') });
  await expect(errorSummary(page)).toContainText('The private key belongs to another certificate.');
  await expect(page.getByLabel('Certificate Name')).toHaveValue('Court 2027');
  await choose(page, { 'Public Certificate File': at('leaf.pem'), 'CA Bundle File': at('root.pem'), 'Private Key File': at('leaf.key') });
  await expect(page.getByText('Court 2027')).toBeVisible();
  await awake(page);
  await page.getByRole('button', { name: 'Choose other files' }).click();
  await expect(heading(page, `Upload a certificate for ${name}`)).toBeVisible();
  expect((await domain(name)).certificates).toEqual([]);

  const all = at('all.pem');
  writeFileSync(all, ['leaf.key', 'root.pem', 'leaf.pem'].map((file) => readFileSync(at(file), 'utf8')).join(''));
  await choose(page, { 'Public Certificate File': all });
  await expect(heading(page, `Check the certificate for ${name}`)).toBeVisible();
});

test('an old PFX file is read, and nothing at all is asked for', async ({ page }) => {
  const { id, name } = await verified('old');
  const { at } = offered(name);
  await signIn(page);
  await open(page, `/domains/${id}/upload`);
  await awake(page);
  await page.getByRole('button', { name: 'Check the files' }).click();
  await expect(errorSummary(page)).toContainText('Choose a Certificate PFX File, or a Public Certificate File');
  await choose(page, { 'Certificate PFX File': at('old.pfx') }, 'secret');
  await expect(heading(page, `Check the certificate for ${name}`)).toBeVisible();
});
