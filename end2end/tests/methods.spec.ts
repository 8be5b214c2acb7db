// Other ways than records: a token file, HTTP validation in place of the DCV record, and an approver who answers a mail.
import { expect, type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { accessible, awake, domain, errorSummary, fresh, heading, lab, lookNow, mails, open, publish, signIn, status, test, until } from './support';

test.setTimeout(150_000);

/** Adds a domain by the form, verified and validated in these ways; gives its id. */
async function add(page: Page, name: string, verification: string, validation = 'dns'): Promise<string> {
  await open(page, '/domains/new');
  await page.getByLabel('Domain', { exact: true }).fill(name);
  await page.getByText('Other ways to verify').click();
  await page.getByLabel('Verification Method').selectOption(verification);
  await page.getByLabel('SSL validation').selectOption(validation);
  await accessible(page);
  await page.getByRole('button', { name: 'Add Web Domain' }).click();
  await expect(heading(page, name)).toBeVisible();
  await awake(page);
  return (await domain(name)).id;
}

test('a token file, and the challenge on our servers: one record in all', async ({ page }) => {
  const name = fresh('byfile');
  await signIn(page);
  const id = await add(page, name, 'http', 'http');
  const row = page.locator('[data-record="file"]');
  await expect(row.getByRole('heading', { name: 'SSL Certificate Validation (HTTP)' })).toBeVisible();
  await expect(page.locator('[data-record="validation"], [data-record="dcv"]')).toHaveCount(0);
  const [download] = await Promise.all([page.waitForEvent('download'), row.getByRole('link', { name: 'Download the file' }).click()]);
  const content = await readFile(await download.path(), 'utf8');
  expect(content).toBe(`padlock-verification=${download.suggestedFilename()}`);
  await expect(row.getByText(content)).toBeVisible();
  await accessible(page);
  await publish(name, 'routing');
  await lookNow(id);
  await until('it is Active', async () => (await domain(name)).ready);
  await page.reload();
  await expect(status(page, 'SSL Status')).toHaveText('Active');
});

test('without the DCV record, but led here: HTTP validation is offered and is enough', async ({ page }) => {
  const name = fresh('switched');
  await signIn(page);
  const id = await add(page, name, 'txt');
  await publish(name, 'validation', 'routing');
  await lookNow(id);
  await until('the routing is seen', async () => (await domain(name)).dns_records.some(({ purpose, state }) => purpose === 'routing' && state === 'detected'));
  await page.goto(`/domains/${id}?reload=off`);
  await accessible(page);
  await page.getByRole('button', { name: 'Switch to HTTP validation' }).click();
  await until('it is Active', async () => (await domain(name)).ready);
  await open(page, `/domains/${id}`);
  await expect(status(page, 'SSL Status')).toHaveText('Active');
  await expect(page.locator('[data-record="dcv"]')).toHaveCount(0);
});

test('a wildcard over HTTP is refused beside its field', async ({ page }) => {
  await signIn(page);
  await open(page, '/domains/new');
  await page.getByLabel('Domain', { exact: true }).fill(`*.${fresh('wild')}`);
  await page.getByText('Other ways to verify').click();
  await page.getByLabel('SSL validation').selectOption('http');
  await page.getByRole('button', { name: 'Add Web Domain' }).click();
  await expect(errorSummary(page)).toContainText('over DNS only');
  await accessible(page);
});

/** Asks the first address that is offered; gives the path of the link in the mail. */
async function ask(page: Page, id: string): Promise<string> {
  await page.getByRole('link', { name: "Choose the Approver's Email" }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText("Approver's Email");
  await expect(page.getByText('15 March 2028')).toBeVisible();
  const address = await page.getByLabel("Approver's Email").inputValue();
  await page.getByRole('button', { name: 'Send the request' }).click();
  await expect(page.getByRole('heading', { name: `${address} has not answered yet.` })).toBeVisible();
  await accessible(page);
  const found = await until('the mail is sent', async () => (await mails(address)).find(({ text }) => text.includes('/approve/')));
  const base = lab('PADLOCK_PUBLIC_URL');
  return found.text.slice(found.text.indexOf(`${base}/approve/`) + base.length).split(/\s/)[0];
}

for (const [answer, done] of [['Approve', 'You approved the domain'], ['Decline', 'You declined']]) {
  test(`an approver who opens the mail: ${answer}`, async ({ page }) => {
    const name = fresh(answer.toLowerCase());
    await signIn(page);
    const id = await add(page, name, 'email');
    const link = await ask(page, id);
    await page.context().clearCookies();
    await open(page, link);
    await expect(page.getByText('15 March 2028')).toBeVisible();
    await accessible(page);
    await page.getByRole('button', { name: answer }).click();
    await expect(errorSummary(page)).toContainText(`Type ${name}`);
    await page.getByLabel(`Type ${name}`).fill(name);
    await page.getByRole('button', { name: answer }).click();
    await expect(heading(page, done)).toBeVisible();
    await accessible(page);
    expect((await page.goto(link))?.status()).toBe(404);
    const wanted = answer === 'Approve' ? 'verified_not_routed' : 'verification_pending';
    await until('the answer counts', async () => (await domain(name)).domain_status === wanted);
    if (answer === 'Decline') expect((await domain(name)).status_code).not.toBe('ok');
  });
}

test('the three steps by hand', async ({ page }) => {
  const name = fresh('byhand');
  await signIn(page);
  const id = await add(page, name, 'txt');
  await page.getByText('The three steps by hand').click();
  await page.getByRole('button', { name: 'Take the steps by hand' }).click();
  await publish(name);
  await lookNow(id);
  for (const [step, label] of [['order', 'Order Certificate'], ['verify', 'Verify Challenge'], ['issue', 'Issue/Renew Certificate']]) {
    await until(`it is time to ${step}`, async () => (await domain(name)).next_step === step);
    await page.goto(`/domains/${id}?reload=off`);
    await awake(page);
    await accessible(page);
    await page.getByRole('button', { name: label }).click();
  }
  await until('it is Active', async () => (await domain(name)).ready);
});
