// Taking the records along: each file holds what the panel shows, and the CSV file no cell that a spreadsheet would run.
import { expect } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { addDomain, domain, fresh, open, signIn, test, until } from './support';

test('Download CSV', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('exported'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download CSV' }).click()]);
  expect(download.suggestedFilename()).toMatch(/\.csv$/);
  const [header, ...lines] = parsed(await readFile(await download.path(), 'utf8'));
  const read = lines.map((line) => Object.fromEntries(line.map((cell, n) => [header[n].toLowerCase(), cell])));
  const wanted = (await domain(name)).dns_records.map(({ type, host, value }) => ({ type, host: host.replace('.court.test', ''), 'full host': host, value }));
  expect(read).toMatchObject(wanted);
  for (const cell of lines.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
});

test('Download JSON', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('exported'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download JSON' }).click()]);
  expect(download.suggestedFilename()).toBe('dns-records.json');
  const wanted = (await domain(name)).dns_records.map(({ purpose, type, host, value }) => ({ purpose, type, host, value }));
  expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject(wanted);
});

/** RFC 4180. */
function parsed(text: string): string[][] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare));
}
