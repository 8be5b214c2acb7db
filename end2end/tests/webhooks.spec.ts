// Webhooks: added with a secret that is shown once, told of a domain's life in messages whose signature holds, tested, removed.
import { expect } from '@playwright/test';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessible, addDomain, errorSummary, fresh, heading, lookNow, open, publish, signIn, test, until } from './support';

test.setTimeout(150_000);

interface Message {
  type: string;
  data: { domain?: { domain: string } };
}

/** A program that keeps what comes with a good signature, and answers 204. */
async function receiver() {
  const taken: Message[] = [];
  let secret = '';
  const server = createServer(async (request, response) => {
    const body = await read(request);
    const header = (name: string) => String(request.headers[`webhook-${name}`]);
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const wanted = createHmac('sha256', key).update(`${header('id')}.${header('timestamp')}.${body}`).digest('base64');
    const young = Math.abs(Date.now() / 1000 - Number(header('timestamp'))) < 300;
    const good = young && header('signature') === `v1,${wanted}`;
    if (good) taken.push(JSON.parse(body));
    response.writeHead(good ? 204 : 401).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, taken, trust: (text: string) => (secret = text), close: () => server.close() };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

test('a program of the customer hears of its domains', async ({ page }) => {
  const program = await receiver();
  await signIn(page);
  await open(page, '/people');
  await page.getByRole('link', { name: 'webhooks' }).click();
  await expect(heading(page, 'Webhooks')).toBeVisible();
  await page.getByLabel('Address').fill('ftp://example.org/');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(errorSummary(page)).toBeVisible();
  await accessible(page);
  await page.getByLabel('Address').fill(program.url);
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page.locator('#made-text')).toBeVisible();
  program.trust((await page.locator('#made-text').textContent()) ?? '');
  await accessible(page);
  await open(page, '/webhooks');
  await expect(page.locator('#made-text')).toHaveCount(0);

  await page.getByRole('link', { name: program.url }).click();
  await expect(heading(page, 'Webhook')).toBeVisible();
  await page.getByRole('button', { name: 'Send a test' }).click();
  await expect(page.getByText('answered 204')).toBeVisible();
  expect(program.taken.map(({ type }) => type)).toEqual(['webhook.test']);

  const { id, domain: name } = await addDomain(fresh('told'));
  await publish(name);
  await lookNow(id);
  const about = () => program.taken.filter(({ data }) => data.domain?.domain === name).map(({ type }) => type);
  for (const type of ['domain.verified', 'domain.active', 'certificate.issued', 'certificate.deployed']) {
    await until(`${type} is told`, async () => about().includes(type), 60_000);
  }
  await page.reload();
  await expect(page.getByRole('table', { name: 'Deliveries' }).getByRole('row', { name: name }).first()).toContainText('Delivered');
  await accessible(page);
  await page.getByText('Remove this webhook').click();
  await page.getByRole('button', { name: 'Remove webhook' }).click();
  await expect(page.getByRole('link', { name: program.url })).toHaveCount(0);
  program.close();
});
