// Standard Webhooks' own verifier, on what a signed hook really sends.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { Server } from './lib/server.mjs';

const TEST_LIMIT = { timeout: 60_000 };
const TOKEN = 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz';
let server;
let receiver;
let project;

/** What arrives at the receiver next: headers and the body's text. */
async function arrival() {
  const [request, response] = await once(receiver, 'request');
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  response.end();
  return { headers: request.headers, body };
}

const asked = async (method, path, body) => {
  const answer = await server.send(method, path, body);
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
};

before(async () => {
  server = await Server.start('--allow-network', '127.0.0.0/8');
  receiver = createServer().listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const group = await asked('POST', '/api/v4/groups', { name: 'Acme', path: 'acme' });
  project = await asked('POST', '/api/v4/projects', { name: 'Shop', namespace_id: group.id });
}, TEST_LIMIT);

after(async () => {
  receiver?.close();
  await server?.remove();
}, TEST_LIMIT);

test('every request verifies, while tokens change over and after that', TEST_LIMIT, async () => {
  const url = `http://127.0.0.1:${receiver.address().port}/`;
  const hook = await asked('POST', `/api/v4/projects/${project.id}/hooks`, { url, signing_token: TOKEN });
  const publish = async (payload) => {
    const [arrived] = await Promise.all([
      arrival(),
      asked('POST', `/v1/projects/${project.id}/events`, { type: 'push', payload }),
    ]);
    return arrived;
  };
  const old = new Webhook(TOKEN);
  const first = await publish({ text: 'grün ✓', list: [1, 2.5] });
  assert.deepEqual(old.verify(first.body, first.headers), { text: 'grün ✓', list: [1, 2.5] });
  assert.throws(() => old.verify(`${first.body} `, first.headers), WebhookVerificationError);
  const swapped = { ...first.headers, 'webhook-id': 'another' };
  assert.throws(() => old.verify(first.body, swapped), WebhookVerificationError);

  const tokens = `/v1/projects/${project.id}/hooks/${hook.id}/signing_tokens`;
  const added = await asked('POST', tokens, { overlap_s: 3600 });
  const both = await publish({ number: 2 });
  for (const webhook of [old, new Webhook(added.token)]) {
    assert.deepEqual(webhook.verify(both.body, both.headers), { number: 2 });
  }
  const listed = await asked('GET', tokens);
  await asked('DELETE', `${tokens}/${listed.at(-1).id}`);
  const last = await publish({ number: 3 });
  assert.deepEqual(new Webhook(added.token).verify(last.body, last.headers), { number: 3 });
  assert.throws(() => old.verify(last.body, last.headers), WebhookVerificationError);

  // The library knows v1 alone; v1a is what Node itself verifies.
  const pair = await asked('POST', tokens, { scheme: 'ed25519' });
  const signed = await publish({ number: 4 });
  assert.deepEqual(new Webhook(added.token).verify(signed.body, signed.headers), { number: 4 }, 'v1 beside v1a');
  const x = Buffer.from(pair.public_key.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  const [signature] = signed.headers['webhook-signature'].split(' ').filter((one) => one.startsWith('v1a,'));
  const content = `${signed.headers['webhook-id']}.${signed.headers['webhook-timestamp']}.${signed.body}`;
  const bytes = Buffer.from(signature.slice('v1a,'.length), 'base64');
  assert.ok(verify(null, Buffer.from(content), key, bytes));
  assert.ok(!verify(null, Buffer.from(`${content} `), key, bytes));
});
