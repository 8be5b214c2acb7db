// Before the first browser test: a Padlock of its own on the sandbox, with a fresh database and the people of `support.ts`. After the last: it must end well.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { checkout, customers, judgedFile, lab, labLines, password, people, tokenFile, until } from './support';

const padlock = path.join(checkout, 'target/demo/padlock');
const folder = path.dirname(tokenFile);

export default async function start() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const provider = await openidProvider();
  const env = { ...process.env, ...settings(), ...provider.settings };
  const run = (...args: string[]) => execFileSync(padlock, args, { env, encoding: 'utf8' });

  run('migrate');
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  for (const customer of Object.values(customers)) run('customer', 'add', customer);
  for (const { email, role, customer } of Object.values(people)) {
    run('user', 'add', '--email', email, '--role', role, ...(customer ? ['--customer', customer] : []), '--password-file', passwordFile);
  }
  run('user', 'grant', '--email', people.floater.email, '--role', 'viewer', '--customer', customers.registry);
  run('user', 'disable', '--email', people.leaver.email);
  writeFileSync(tokenFile, run('token', 'create', '--name', 'browser-tests', '--role', 'operator').trim(), { mode: 0o600 });

  const server = spawn(padlock, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(path.join(folder, 'padlock.log'));
  server.stdout.pipe(log, { end: false });
  server.stderr.pipe(log, { end: false });
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve));
  await until('Padlock is ready', async () => {
    if (server.exitCode !== null) throw new Error(`padlock serve ended with ${server.exitCode}: see ${log.path}`);
    return (await fetch(`${lab('PADLOCK_PUBLIC_URL')}/readyz`).catch(() => undefined))?.ok;
  });

  return async () => {
    server.kill('SIGTERM');
    provider.process.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`padlock serve ended with ${code} after SIGTERM: see ${log.path}`);
    if (process.env.PADLOCK_TEST_ALL) everyPageWasJudged();
  };
}

/** No page of the Console escapes axe: the router's paths against those that `accessible` saw. */
function everyPageWasJudged() {
  const judged = readFileSync(judgedFile, 'utf8').split('\n');
  const routes = [...readFileSync(path.join(checkout, 'src/ui/app.rs'), 'utf8').matchAll(/path!\("([^"]+)"\)/g)].map(([, route]) => route!);
  if (routes.length < 20) throw new Error(`only ${routes.length} routes found in src/ui/app.rs`);
  // `/domains/new` is no `/domains/:id`.
  const shown = (route: string) => judged.some((at) => (routes.includes(at) ? at === route : pattern(route).test(at)));
  const missed = routes.filter((route) => !shown(route));
  const left = missed.filter((route) => route !== '/'); // leads to /domains
  if (left.length > 0) throw new Error(`no walk has axe look at ${left.join(', ')}`);
}

function pattern(route: string): RegExp {
  return new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`);
}

/** Where people may sign in besides, and the settings that say so. */
async function openidProvider() {
  const port = await freePort();
  const secret = randomBytes(24).toString('hex');
  const redirect = `${lab('PADLOCK_PUBLIC_URL')}/sign-in/openid/back`;
  const child = spawn(process.execPath, [path.join(checkout, 'end2end/openid.mjs'), String(port), redirect, secret], { stdio: 'ignore' });
  process.once('exit', () => child.kill());
  const issuer = `http://127.0.0.1:${port}`;
  await until('the OpenID provider is ready', async () => {
    if (child.exitCode !== null) throw new Error(`openid.mjs ended with ${child.exitCode}`);
    return (await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => undefined))?.ok;
  });
  return {
    process: child,
    settings: { PADLOCK_OIDC_ISSUER: issuer, PADLOCK_OIDC_CLIENT_ID: 'padlock', PADLOCK_OIDC_CLIENT_SECRET: secret, PADLOCK_OIDC_LABEL: 'Test ID' },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function settings() {
  return {
    ...Object.fromEntries(labLines().filter(([name]) => name.startsWith('PADLOCK_'))),
    PADLOCK_DATABASE_URL: `sqlite://${folder}/padlock.db`,
    PADLOCK_MASTER_KEY_FILE: `${folder}/master.key`,
    PADLOCK_DNSBL: 'bl.agency.test',
    PADLOCK_SITE_ROOT: path.join(checkout, 'target/site'),
  };
}
