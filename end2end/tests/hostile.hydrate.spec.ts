// Hostile text from people and from DNS, 300 kinds of it, and from certificates: wherever it shows, it is text. None of it ever runs.
import { expect, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { accessible, addDomain, api, awake, customers, domain, fresh, heading, lab, lookNow, open, publish, signIn, test, tokenFile, until } from './support';

test.setTimeout(300_000);

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

/** As pages show what strangers wrote: what would turn the text around it, or can't be seen, by its number. */
function visible(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, (one) => `\\u{${one.charCodeAt(0).toString(16)}}`);
}

/** Puts TXT records at a name, all at once and byte by byte, as a zone file says what it can't hold (RFC 1035 §5.1). */
function putTexts(name: string, texts: string[]) {
  const byte = (one: number) => (one >= 0x20 && one <= 0x7e && one !== 0x22 && one !== 0x5c ? String.fromCharCode(one) : `\\${String(one).padStart(3, '0')}`);
  const strings = (text: string) => {
    const bytes = [...Buffer.from(text)];
    const parts = [];
    for (let at = 0; at < bytes.length; at += 255) parts.push(`"${bytes.slice(at, at + 255).map(byte).join('')}"`);
    return parts.join(' ');
  };
  const lines = texts.map((text) => `add ${name}. 60 TXT ${strings(text)}`);
  const input = [`server ${lab('LAB_CUSTOMERS_NS')} ${lab('LAB_DNS_PORT')}`, 'zone court.test.', `del ${name}. TXT`, ...lines, 'send', 'quit', ''].join('\n');
  execFileSync('knsupdate', ['-v', '-k', path.join(lab('LAB_STATE'), 'tsig.key')], { input, stdio: 'pipe' });
}

/** What an issuer and the holder of its certificate call themselves. */
interface Names {
  issuer: Record<string, string>;
  subject: Record<string, string>;
}

/** A root and a certificate of those names for a host; the later ones last longer. */
function certified(host: string, { issuer, subject }: Names, days: number): (file: string) => string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hostile-'));
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const written = (names: Record<string, string>) => Object.entries(names).map(([type, text]) => `/${type}=${text.replaceAll(/[\\/+]/g, '\\$&')}`).join('');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-utf8'];
  writeFileSync(path.join(folder, 'leaf.ext'), `basicConstraints=CA:false\nsubjectAltName=DNS:${host}\n`);
  openssl('req', '-x509', ...key, '-days', '300', '-subj', written(issuer), '-keyout', 'root.key', '-out', 'root.pem');
  openssl('req', ...key, '-subj', written(subject), '-keyout', 'leaf.key', '-out', 'leaf.csr');
  openssl('x509', '-req', '-in', 'leaf.csr', '-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-extfile', 'leaf.ext', '-days', `${days}`, '-out', 'leaf.pem');
  return (file) => path.join(folder, file);
}

/** Uploads it as a script does, and has it served; gives its id. */
async function uploaded(id: string, at: (file: string) => string): Promise<string> {
  const body = new FormData();
  for (const [part, file] of [['certificate', 'leaf.pem'], ['ca_bundle', 'root.pem'], ['private_key', 'leaf.key']]) {
    body.append(part, new Blob([readFileSync(at(file), 'utf8')]), file);
  }
  const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8')}` };
  const response = await fetch(`${lab('PADLOCK_PUBLIC_URL')}/api/v1/domains/${id}/certificates`, { method: 'POST', headers, body });
  const text = await response.text();
  expect(response.status, text).toBe(201);
  return (JSON.parse(text) as { id: string }).id;
}

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

  // What DNS answers, in TXT records of 200 characters.
  const texts: string[] = [];
  for (const payload of payloads.filter((one) => one.length <= 200)) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + payload.length < 200) texts[texts.length - 1] = `${last} ${payload}`;
    else texts.push(payload);
  }
  const hosts: { id: string; name: string; own: string[] }[] = [];
  for (let at = 0; at < texts.length; at += 8) {
    const own = texts.slice(at, at + 8);
    const { id, domain: name } = await addDomain(fresh('hostile'));
    putTexts(`_padlock.${name}`, own);
    await publish(name, 'dcv');
    await lookNow(id);
    hosts.push({ id, name, own });
  }
  await signIn(page);
  for (const { id, name, own } of hosts) {
    await until(`${name} is seen`, async () => {
      const [first] = (await domain(name)).dns_records;
      return first.state === 'wrong' && own.every((text) => first.found.includes(text));
    }, 90_000);
    await open(page, `/domains/${id}`);
    await harmless(page, own.map(visible));
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

test('what issuers and holders of certificates call themselves is text', async ({ page }) => {
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  // Every family as it is and in one disguise, which is another one each time; RFC 5280 allows so many characters in each part of a name.
  const sample = [...new Set(seeds.flatMap((seed, n) => [seed, disguises[1 + (n % (disguises.length - 1))](seed)]))];
  const long = sample.filter((one) => [...one].length > 64 && [...one].length <= 128);
  const short = sample.filter((one) => [...one].length <= 64);
  expect(short.length).toBeGreaterThan(24);
  expect(long.length).toBeGreaterThan(3);
  const every = Math.max(Math.ceil(short.length / 4), long.length);
  const named = Array.from({ length: every }, (_, n) => {
    const [o, cn, ou, own] = [0, 1, 2, 3].map((place) => short[(4 * n + place) % short.length]);
    return { issuer: { L: long[n % long.length], O: o, CN: cn }, subject: { O: ou, CN: own } };
  });
  const said = ({ issuer, subject }: Names) => [...Object.values(issuer), ...Object.values(subject)].map(visible);
  expect(new Set(named.flatMap(said)).size).toBe(short.length + long.length);

  const name = fresh('issued');
  const { id } = await addDomain(name);
  await publish(name, 'validation', 'routing');
  await lookNow(id);
  await until('it is verified', async () => (await domain(name)).domain_status === 'active', 60_000);
  await signIn(page);
  for (const [n, names] of named.entries()) {
    const certificate = await uploaded(id, certified(name, names, 60 + n));
    await open(page, `/certificates/${certificate}`);
    await harmless(page, said(names));
    await open(page, '/certificates?source=upload');
    await harmless(page, [visible(names.issuer.O)]);
  }
  await open(page, `/domains/${id}`);
  await harmless(page, Object.values(named[every - 1].issuer).map(visible));

  // The page on which somebody checks an upload before it is served.
  const at = certified(name, named[0], 60 + every);
  await open(page, `/domains/${id}/upload`);
  for (const [label, file] of Object.entries({ 'Public Certificate File': 'leaf.pem', 'CA Bundle File': 'root.pem', 'Private Key File': 'leaf.key' })) {
    await page.getByLabel(label).setInputFiles(at(file));
  }
  await page.getByRole('button', { name: 'Check the files' }).click();
  await expect(heading(page, `Check the certificate for ${name}`)).toBeVisible();
  await awake(page);
  await harmless(page, Object.values(named[0].issuer).map(visible));
  await accessible(page);
  expect(dialogs).toEqual([]);
});
