// Inside or outside: what the reader's browser reaches of a domain, compared with what the server sees of it.
import { chromium, expect, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { accessible, activeDomain, addDomain, fresh, heading, lab, open, signIn, test } from './support';

/** Opens a domain's report in a browser for whose network the name leads to this address. */
async function reportFrom(address: string, of: { id: string; domain: string }, see: (page: Page) => Promise<void>) {
  const { launchOptions, baseURL } = test.info().project.use;
  const args = [...(launchOptions?.args ?? []), `--host-resolver-rules=MAP ${of.domain} ${address}`];
  const browser = await chromium.launch({ ...launchOptions, args });
  try {
    // The sandbox's CA is nobody's.
    const context = await browser.newContext({ baseURL, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await signIn(page);
    await open(page, `/domains/${of.id}/report`);
    await expect(heading(page, `Monitoring Report for ${of.domain}`)).toBeVisible();
    await see(page);
  } finally {
    await browser.close();
  }
}

const verdict = (page: Page) => page.locator('[data-reach]');

test.skip(lab('LAB_HTTPS_PORT') !== '443', 'browsers ask at port 443');

test('a domain that is reached from here and from outside', async () => {
  const active = await activeDomain();
  await reportFrom(lab('LAB_EDGE_IP'), active, async (page) => {
    await expect(verdict(page)).toHaveAttribute('data-reach', 'fine');
    await expect(page.locator('#said')).toHaveText('Reachable from here and from outside.');
    await accessible(page);
  });
});

test('a domain that the reader\'s network blocks', async () => {
  const active = await activeDomain();
  await reportFrom(lab('LAB_DEAD_NS'), active, async (page) => {
    await expect(verdict(page)).toHaveAttribute('data-reach', 'blocked');
    await expect(verdict(page)).toContainText('Whoever runs your network can act');
    await accessible(page);
  });
});

test('a domain for which somebody else answers on the reader\'s network', async () => {
  const active = await activeDomain();
  const read = (name: string) => readFileSync(path.join(lab('LAB_STATE'), 'ca', name));
  // As a captive portal: the question is repeated to whoever asks, and no page may read it.
  const portal = https.createServer({ key: read('server.key'), cert: read('server.pem') }, (request, answer) => answer.end(request.url));
  await new Promise<void>((listening) => portal.listen(443, lab('LAB_DEAD_NS'), listening));
  await reportFrom(lab('LAB_DEAD_NS'), active, async (page) => {
    await expect(verdict(page)).toHaveAttribute('data-reach', 'replaced');
  });
  portal.close();
});

test('a domain that is broken for everybody', async () => {
  const waiting = await addDomain(fresh('unreached'));
  await reportFrom(lab('LAB_DEAD_NS'), waiting, async (page) => {
    await expect(verdict(page)).toHaveAttribute('data-reach', 'broken');
  });
});

test('a report\'s page may ask this one site, and no other page may ask any', async ({ page }) => {
  const { id, domain } = await activeDomain();
  await signIn(page);
  const policy = async (at: string) => (await page.goto(at))?.headers()['content-security-policy'];
  expect(await policy(`/domains/${id}/report`)).toContain(`connect-src 'self' https://${domain};`);
  expect(await policy(`/domains/${id}`)).toContain("connect-src 'self';");
});
