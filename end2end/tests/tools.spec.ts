// In an administrator's own tool: each text is on the page, and its file is what the page shows and what a tool can read.
import { expect } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { addDomain, domain, fresh, lab, lookNow, open, signIn, test, until } from './support';

const tools = ['Zone file', 'Terraform', 'Windows DNS (PowerShell)', 'Route 53 (aws)', 'Azure DNS (az)', 'Cloudflare (curl)'];

test('every tool has its text, and one is open at a time', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('tooled'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  for (const tool of tools) {
    await page.getByText(tool, { exact: true }).click();
    const text = page.getByRole('region', { name: `Text for ${tool}` });
    await expect(text).toBeVisible();
    await expect(page.locator('details.tool[open]')).toHaveCount(1);
    for (const { value } of (await domain(name)).dns_records) await expect(text).toContainText(value);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: `Download for ${tool}` }).click()]);
    expect(await readFile(await download.path(), 'utf8')).toBe((await text.textContent())!.replaceAll('\n', tool.includes('PowerShell') ? '\r\n' : '\n').replaceAll('\r\r', '\r'));
  }
});

test('a name server takes the zone file as it is', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('zoned'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByText('Zone file', { exact: true }).click();
  const text = (await page.getByRole('region', { name: 'Text for Zone file' }).textContent())!;
  const lines = text.split('\n').filter((line) => line && !line.startsWith(';'));
  const script = [`server ${lab('LAB_CUSTOMERS_NS')} ${lab('LAB_DNS_PORT')}`, 'zone court.test.', ...lines.map((line) => `add ${line}`), 'send', 'quit', ''].join('\n');
  execFileSync('knsupdate', ['-k', path.join(lab('LAB_STATE'), 'tsig.key')], { input: script });
  await lookNow(id);
  await until('every record is there', async () => (await domain(name)).dns_records.every(({ state }) => state === 'detected'));
});
