// Hostile text from people and from DNS, 300 kinds of it: wherever it shows, it is text. None of it ever runs.
import { expect, type Page } from '@playwright/test';
import { accessible, addDomain, api, customers, domain, fresh, lookNow, open, publish, record, signIn, test, until } from './support';

test.setTimeout(240_000);

/** What each would do if it ran. */
const run = 'window.ran=1;alert(1)';
const seeds = [
  `<script>${run}</script>`, `"><script>${run}</script>`, `'><script>${run}</script>`, `<img src=x onerror=${run}>`, `<svg onload=${run}>`,
  `" autofocus onfocus=${run} x="`, `' onmouseover=${run} x='`, `</title><script>${run}</script>`, `</textarea><script>${run}</script>`,
  `</script><script>${run}</script>`, `javascript:${run}`, `<a href="javascript:${run}">x</a>`, `<iframe srcdoc="<script>${run}</script>">`,
  `<math><mtext></mtext><img src=x onerror=${run}>`, `--><img src=x onerror=${run}>`, `]]><script>${run}</script>`, `<base href=//evil.example/>`,
  `<meta http-equiv=refresh content="0;url=javascript:${run}">`, `{{constructor.constructor('${run}')()}}`, `=HYPERLINK("javascript:${run}")`,
  `<details open ontoggle=${run}>`, `<form action="javascript:${run}"><button>x</button></form>`, `<object data="javascript:${run}">`, `+cmd|' /C calc'!A0<b onclick=${run}>`,
];
const disguises: ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase().replaceAll('WINDOW.RAN=1;ALERT(1)', run),
  (text) => `\u202e${text}\u202c`,
  (text) => `\u2066${text}\u2069`,
  (text) => text.replaceAll('<', '\uff1c').replaceAll('>', '\uff1e'),
  (text) => text.replaceAll('script', 'scr\u200bipt'),
  (text) => text.replaceAll(' ', '/'),
  (text) => text.replaceAll(' ', '\u00a0'),
  (text) => encodeURIComponent(text).slice(0, 190),
  (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (text) => text.replaceAll('<', '\\u003c').replaceAll('"', '\\"'),
  (text) => `\ufeff${text}`,
  (text) => `${text}\u2028`,
  (text) => `a\u0301\u0300${text}\ud83d\udd12`,
  (text) => `@${text}`,
];
const payloads = [...new Set(seeds.flatMap((seed) => disguises.map((disguise) => disguise(seed))))].slice(0, 300);

/** The page shows all of them, and none has run, opened a dialog, or become an element. */
async function harmless(page: Page, shown: string[]) {
  const text = await page.locator('main').evaluate((main) => main.textContent ?? '');
  for (const one of shown) expect(text).toContain(one);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  expect(await page.locator('main img, main iframe, main base, main meta, main script:not([nonce]), main [onerror], main [onfocus], main [onmouseover], a[href^="javascript:"]').count()).toBe(0);
  expect(await page.locator('main [autofocus]').count()).toBe(0);
}

test('none of 300 payloads runs, from names and from DNS', async ({ page }) => {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  expect(payloads.length).toBe(300);

  // People's own words, as names that the API takes: agencies of the town.
  const mark = fresh('x', 'test');
  const names = payloads.map((payload, n) => `${payload} ${mark} ${n}`.trim()).filter((name) => [...name].length <= 200);
  expect(names.length).toBeGreaterThan(290);
  for (const name of names) await api('POST', '/agencies', { name, customer: customers.town });
  await signIn(page, 'newcomer');
  await open(page, '/agencies');
  await harmless(page, names);
  await open(page, '/domains/new');
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
  await open(page, '/activity');
  await harmless(page, []);
  const log = await (await page.request.get('/api/v1/audit/export?format=csv&act=agency.added')).text();
  expect(log).toContain(`${mark} 299 added`);
  expect(log).not.toMatch(/(^|,)"?[=+\-@]/m);
  await page.context().clearCookies();

  // What DNS answers, in TXT records of 200 characters: nothing but ASCII survives a zone file unharmed.
  const texts: string[] = [];
  for (const payload of payloads.filter((one) => /^[\x20-\x7e]+$/.test(one) && one.length <= 200 && !one.includes('\\'))) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + payload.length < 200) texts[texts.length - 1] = `${last} ${payload}`;
    else texts.push(payload);
  }
  const hosts: { id: string; name: string; own: string[] }[] = [];
  for (let at = 0; at < texts.length; at += 8) {
    const own = texts.slice(at, at + 8);
    const { id, domain: name } = await addDomain(fresh('hostile'));
    own.forEach((text, n) => record(n === 0 ? 'set' : 'add', 'court.test', `_padlock.${name}`, 'TXT', text));
    await publish(name, 'dcv');
    await lookNow(id);
    hosts.push({ id, name, own });
  }
  await signIn(page);
  for (const { id, name, own } of hosts) {
    const found = await until(`${name} is seen`, async () => {
      const [first] = (await domain(name)).dns_records;
      return first.state === 'wrong' && first.found.length > 0 && first.found;
    }, 90_000);
    expect(own.filter((text) => found.includes(text)).length, `${found}`).toBeGreaterThan(0);
    for (const at of [`/domains/${id}`, `/domains/${id}/diagnosis`]) {
      await open(page, at);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await harmless(page, []);
    }
    const csv = await page.request.get(`/api/v1/domains/${id}/dns-records?format=csv`);
    expect(await csv.text()).not.toMatch(/(^|,)"?[=+\-@]/m);
  }
  await accessible(page);
  expect(dialogs).toEqual([]);
});
