// The Monitoring Report: live diagnostics on a page that is a document when it is printed.
import { expect } from '@playwright/test';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { accessible, activeDomain, addDomain, fits, fresh, heading, lab, open, record, scripted, signIn, test } from './support';

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
  // This browser's DNS does not know the sandbox's names: from where it is the domain is out of reach (`reach.hydrate.spec.ts`).
  if (!scripted()) await expect(page.getByText(`Open https://${domain} in a browser on the network that has trouble`)).toBeVisible();
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

test('a report of a domain whose name servers are silent says at once that it takes a while', async ({ page }) => {
  const silent = await Promise.all(lab('LAB_MADE_NS').split(' ').map(sayNothing));
  // The last of the zones that nobody serves; the others may be a test's.
  const { id } = await addDomain(fresh('silent', `made-${lab('LAB_MADE_ZONES')}.test`));
  await signIn(page);
  await page.goto(`/domains/${id}/report`, { waitUntil: 'commit' });
  const meanwhile = page.getByText('We are looking at its DNS');
  await expect(meanwhile).toBeVisible();
  await expect(page.getByRole('table', { name: 'DNS' })).toBeHidden();
  await expect(page.getByRole('table', { name: 'DNS' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'What was found' })).toBeVisible();
  await expect(meanwhile).toBeHidden();
  for (const stop of silent) stop();
});

/** Takes questions at a name server's address, over UDP and TCP, and never answers; gives what ends it. */
async function sayNothing(address: string): Promise<() => void> {
  const port = Number(lab('LAB_DNS_PORT'));
  const [udp, tcp] = [createSocket('udp4'), createServer()];
  await Promise.all([
    new Promise<void>((bound) => udp.bind(port, address, bound)),
    new Promise<void>((bound) => tcp.listen(port, address, bound)),
  ]);
  return () => {
    udp.close();
    tcp.close();
  };
}

test('another customer\'s report is not found', async ({ page }) => {
  const { id } = await addDomain(fresh('private'));
  await signIn(page, 'registrar');
  const answer = await page.goto(`/domains/${id}/report`);
  expect(answer?.status()).toBe(404);
});
