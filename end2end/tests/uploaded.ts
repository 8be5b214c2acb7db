// A certificate of an office's own, made by OpenSSL and brought by the API.
import { expect } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { addDomain, fresh, lab, tokenFile } from './support';

/** A folder with a root, and a certificate for a name with its key; more is made there by OpenSSL's own words. */
export function made(name: string): { at: (file: string) => string; openssl: (words: string) => string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'made-'));
  const at = (file: string) => path.join(folder, file);
  const openssl = (words: string) => execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
  writeFileSync(at('leaf.ext'), `basicConstraints=CA:false\nsubjectAltName=DNS:${name}\n`);
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
  openssl(`req -x509 ${key} -days 300 -subj /O=Court/CN=Root -keyout root.key -out root.pem`);
  openssl(`req ${key} -subj /CN=court -keyout leaf.key -out leaf.csr`);
  openssl('x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile leaf.ext -days 90 -out leaf.pem');
  return { at, openssl };
}

/** The id of one that was brought, with a domain of its own. */
export async function uploaded(): Promise<string> {
  const name = fresh('export');
  const { id } = await addDomain(name);
  const { at } = made(name);
  const form = new FormData();
  const files = ['leaf.pem', 'root.pem', 'leaf.key'].map((file) => readFileSync(at(file), 'utf8'));
  form.set('certificate', new Blob([files.join('')]));
  const response = await fetch(`${lab('PADLOCK_PUBLIC_URL')}/api/v1/domains/${id}/certificates`, {
    method: 'POST',
    headers: { authorization: `Bearer ${readFileSync(tokenFile, 'utf8')}` },
    body: form,
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}
