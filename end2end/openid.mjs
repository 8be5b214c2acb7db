// The browser tests' OpenID provider: a real one, with people made up on the spot. Loopback only, in memory only.
//
// Whoever types `clerk@court.test` is known by that name and has that address. What stands before a colon makes them somebody
// else of the same address, and `unverified:` leaves it unverified.
import Provider from 'oidc-provider';

const [port, redirectUri, clientSecret] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'padlock', client_secret: clientSecret, redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  cookies: { keys: [clientSecret] },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({ accountId: id, claims: () => claims(id) }),
});

function claims(id) {
  return { sub: id, email: id.slice(id.lastIndexOf(':') + 1), email_verified: !id.startsWith('unverified:') };
}

const server = provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
process.once('SIGTERM', () => server.close(() => process.exit(0)));
