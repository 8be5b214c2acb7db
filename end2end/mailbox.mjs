// The sandbox's mail server: takes every mail, delivers none, and shows them on a page and as JSON. Loopback only, in memory only.
import http from 'node:http';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

const KEPT_MAILS = 500; // the oldest is forgotten first
const MAIL_BYTES = 10 * 1024 * 1024;
const [smtpPort, webPort] = process.argv.slice(2).map(Number);
const mails = [];
let lastId = 0;

const smtp = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  size: MAIL_BYTES,
  async onData(stream, session, done) {
    try {
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      keep(Buffer.concat(chunks), await simpleParser(Buffer.concat(chunks)), session.envelope);
      done();
    } catch (error) {
      done(error);
    }
  },
});

function keep(source, parsed, envelope) {
  mails.unshift({
    id: String(++lastId),
    from: envelope.mailFrom?.address ?? '',
    to: envelope.rcptTo.map((recipient) => recipient.address),
    subject: parsed.subject ?? '',
    date: new Date().toISOString(),
    text: parsed.text ?? '',
    html: parsed.html || '',
    headers: Object.fromEntries(parsed.headerLines.map(({ key, line }) => [key, line.slice(key.length + 1).trim()])),
    attachments: parsed.attachments.map(({ filename, contentType, content }) => ({ filename, contentType, base64: content.toString('base64') })),
    source,
  });
  mails.length = Math.min(mails.length, KEPT_MAILS);
}

// GET /  ·  GET /mails/ID  ·  GET /mails/ID/source  ·  GET /api/mails[?to=ADDRESS]  ·  DELETE /api/mails
const web = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://mailbox');
  const [, id, source] = url.pathname.match(/^\/mails\/(\d+)(\/source)?$/) ?? [];
  const mail = mails.find((one) => one.id === id);
  if (url.pathname === '/') page(response, 'Mailbox', list());
  else if (mail && source) send(response, 200, 'text/plain; charset=utf-8', mail.source);
  else if (mail) page(response, mail.subject, letter(mail));
  else if (url.pathname === '/api/mails' && request.method === 'DELETE') send(response, 204, 'text/plain', ((mails.length = 0), ''));
  else if (url.pathname === '/api/mails') send(response, 200, 'application/json', JSON.stringify(sentTo(url.searchParams.get('to'))));
  else send(response, 404, 'text/plain', 'No such mail.\n');
});

const sentTo = (address) => mails.filter((mail) => !address || mail.to.includes(address)).map(({ source, ...rest }) => rest);

function list() {
  const rows = mails.map((mail) => `<tr><td>${mail.date}<td>${escape(mail.to.join(', '))}<td><a href="/mails/${mail.id}">${escape(mail.subject || '(no subject)')}</a>`);
  return mails.length ? `<table><thead><tr><th>When<th>To<th>Subject</thead><tbody>${rows.join('')}</tbody></table>` : '<p>No mail yet.</p>';
}

// A mail's HTML is shown where it can run nothing.
function letter(mail) {
  const files = mail.attachments.map((file) => `<li><a download="${escape(file.filename ?? 'file')}" href="data:${escape(file.contentType)};base64,${file.base64}">${escape(file.filename ?? 'file')}</a>`);
  return `<p><a href="/">All mails</a></p><p>From ${escape(mail.from)} to ${escape(mail.to.join(', '))}, ${mail.date} · <a href="/mails/${mail.id}/source">source</a></p>
${mail.html ? `<iframe title="The mail as it looks" sandbox="" srcdoc="${escape(mail.html)}"></iframe>` : ''}<pre>${escape(mail.text)}</pre><ul>${files.join('')}</ul>`;
}

function page(response, title, body) {
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'");
  send(response, 200, 'text/html; charset=utf-8', `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td,th{text-align:left;padding:.25rem 1rem .25rem 0}pre{white-space:pre-wrap;background:#f4f4f4;padding:1rem}iframe{width:100%;height:30rem;border:1px solid #888}</style>
<h1>${escape(title)}</h1>${body}</html>`);
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

smtp.on('error', (error) => console.error(error.message));
smtp.listen(smtpPort, '127.0.0.1', () => web.listen(webPort, '127.0.0.1'));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
