// Help stands where the question arises: a domain's cause leads to the words that explain it.
import { expect } from '@playwright/test';
import { activeDomain, addDomain, domain, fresh, heading, lookNow, open, publish, signIn, test, until } from './support';

test('the cause leads to its explanation', async ({ page }) => {
  const { id, domain: name } = await addDomain(fresh('asked'));
  await until('the first look', async () => (await domain(name)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  await open(page, `/domains/${id}`);
  await page.getByRole('link', { name: 'What this means' }).click();
  await expect(heading(page, 'Help')).toBeVisible();
  const fragment = new URL(page.url()).hash;
  expect(fragment).toBe('#places');
  await expect(page.locator(fragment)).toBeInViewport();
});

test('each record and each status says what it is', async ({ page }) => {
  const { id } = await activeDomain();
  await signIn(page);
  for (const [about, place] of [
    ['Domain Routing', '#record-routing'],
    ['SSL Certificate Validation (DCV)', '#record-dcv'],
    ['Domain Status Active', '#status-active'],
    ['SSL Status Active', '#status-ssl-active'],
    ['SSL certificates', '#https'],
  ]) {
    await open(page, `/domains/${id}`);
    await page.getByRole('link', { name: `What is this? About ${about}`, exact: true }).click();
    await expect(heading(page, 'Help')).toBeVisible();
    await expect(page).toHaveURL(`/help${place}`);
    await expect(page.locator(place)).toBeInViewport();
  }
});

test('every part is led to from where its question arises', async ({ page }) => {
  test.setTimeout(150_000);
  const waiting = await addDomain(fresh('asked'));
  const routed = await addDomain(fresh('asked'));
  await publish(routed.domain, 'validation', 'dcv');
  await lookNow(routed.id);
  // One record is missing: the answer names the finding itself.
  await until('one record is missing', async () => {
    const { ssl_status, status_code } = await domain(routed.domain);
    return ssl_status === 'active' && status_code === 'rec_missing';
  }, 60_000);
  await until('the first look', async () => (await domain(waiting.domain)).dns_records.every(({ state }) => state !== 'unknown'));
  await signIn(page);
  const led = new Set<string>();
  for (const { id } of [waiting, routed, await activeDomain()]) {
    await open(page, `/domains/${id}`);
    for (const href of await page.locator('main a[href^="/help#"]').evaluateAll((all) => all.map((one) => one.getAttribute('href')!))) led.add(href.slice('/help'.length));
  }
  await open(page, '/help');
  for (const place of led) await expect(page.locator(place)).toHaveCount(1);
  const parts = page.locator('main section[aria-labelledby]');
  await expect(parts).toHaveCount(9);
  for (const part of await parts.all()) {
    const ids = await part.locator('[id]').evaluateAll((all) => all.map(({ id }) => `#${id}`));
    expect(ids.some((id) => led.has(id)), `${ids[0]} is led to`).toBe(true);
  }
});

test('everything in the contents is there, and no place has two names', async ({ page }) => {
  await open(page, '/help');
  const contents = page.getByRole('navigation', { name: 'On this page' }).getByRole('link');
  await expect(contents).toHaveCount(9);
  for (const link of await contents.all()) {
    const target = page.locator((await link.getAttribute('href'))!);
    await expect(target).toHaveText((await link.textContent())!.trim());
  }
  const ids = await page.locator('main [id]').evaluateAll((all) => all.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
