// OpenFeature's provider for browsers, run by Node: all flags in one answer, kept fresh by asking again with its tag.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, test } from 'node:test';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/web-sdk';
import { ROOT_TOKEN, Server } from './lib/server.mjs';

const TEST_LIMIT = { timeout: 60_000 };
const WAIT_MS = 10_000;
let server;
let domains = 0;

/** A client of the SDK with a provider of its own; `answers` tells each answer as it comes. */
async function client(context, options = {}) {
  const domain = `domain-${++domains}`;
  const answers = new EventEmitter();
  const provider = new OFREPWebProvider({
    baseUrl: server.url,
    headers: [['Authorization', `Bearer ${ROOT_TOKEN}`]],
    cacheMode: 'disabled',
    fetchImplementation: async (request) => {
      const sent = request.headers.get('If-None-Match');
      const answer = await fetch(request);
      answers.emit('answer', { sent, status: answer.status, tag: answer.headers.get('ETag') });
      return answer;
    },
    ...options,
  });
  const first = next(answers, 'answer');
  await OpenFeature.setProviderAndWait(domain, provider, context);
  return { flags: OpenFeature.getClient(domain), answers, domain, first: await first };
}

/** The next event of a name; of the SDK's clients only one that `counts`. */
function next(source, name, counts = () => true) {
  if (source instanceof EventEmitter) return once(source, name, { signal: AbortSignal.timeout(WAIT_MS) }).then(([value]) => value);
  return new Promise((done, fail) => {
    const limit = setTimeout(() => fail(new Error(`waited ${WAIT_MS} ms for ${name}`)), WAIT_MS);
    source.addHandler(name, function heard(details) {
      if (!counts(details)) return;
      source.removeHandler(name, heard);
      clearTimeout(limit);
      done(details);
    });
  });
}

/** The next event that says that this flag changed. */
const changeOf = (flags, flag) => next(flags, ProviderEvents.ConfigurationChanged, ({ flagsChanged }) => flagsChanged.includes(flag));

before(async () => {
  server = await Server.start();
  await server.store('plain', { boolean: true });
  await server.store('listed', { actors: ['User:5', 'Project:1'] });
}, TEST_LIMIT);

after(async () => {
  await OpenFeature.close();
  await server?.remove();
}, TEST_LIMIT);

test('one answer decides every flag', TEST_LIMIT, async () => {
  const { flags, first } = await client({ targetingKey: 'User:5' });
  assert.deepEqual([first.sent, first.status], [null, 200]);
  assert.match(first.tag, /^"[0-9a-f]+"$/);
  const check = (flag, value, reason, metadata) => {
    const details = flags.getBooleanDetails(flag, !value);
    assert.deepEqual([details.value, details.variant, details.reason], [value, value ? 'on' : 'off', reason], flag);
    assert.deepEqual(details.flagMetadata, { reason: metadata });
  };
  check('plain', true, 'STATIC', 'boolean');
  check('listed', true, 'TARGETING_MATCH', 'actors');
  check('auto_disabling_web_hooks', true, 'STATIC', 'default');
  check('webhooks_failed_callout', false, 'STATIC', 'default');
  assert.equal(flags.getStringDetails('plain', 'none').errorCode, 'TYPE_MISMATCH');
  const unknown = flags.getBooleanDetails('unheard_of', true);
  assert.deepEqual([unknown.value, unknown.errorCode], [true, 'FLAG_NOT_FOUND']);
});

test('another context is asked about anew', TEST_LIMIT, async () => {
  const { flags, answers, domain, first } = await client({ targetingKey: 'User:5' });
  const check = async (context, value) => {
    const answer = next(answers, 'answer');
    await OpenFeature.setContext(domain, context);
    assert.equal(flags.getBooleanValue('listed', !value), value);
    return answer;
  };
  const other = await check({ targetingKey: 'User:6' }, false);
  assert.equal(other.status, 200);
  assert.notEqual(other.tag, first.tag);
  // The key stays and the actors change: the provider sends the tag that it has, which does not fit them.
  const together = await check({ targetingKey: 'User:6', actors: ['Project:1'] }, true);
  assert.deepEqual([together.sent, together.status], [other.tag, 200]);
  // What decides nothing is no other context.
  const same = await check({ targetingKey: 'User:6', actors: ['Project:1'], plan: 'gold' }, true);
  assert.deepEqual([same.sent, same.status, same.tag], [together.tag, 304, together.tag]);
});

test('polling costs a 304 until something changes', TEST_LIMIT, async () => {
  const { flags, answers, first } = await client({ targetingKey: 'User:5' }, { pollInterval: 50, changeDetection: 'polling' });
  for (let round = 0; round < 3; round += 1) {
    const { sent, status } = await next(answers, 'answer');
    assert.deepEqual([sent, status], [first.tag, 304]);
  }
  const changed = changeOf(flags, 'switched');
  await server.store('switched', { boolean: true });
  assert.deepEqual((await changed).flagsChanged, ['switched']);
  assert.equal(flags.getBooleanValue('switched', false), true);
  const gone = changeOf(flags, 'switched');
  await server.store('switched', null);
  assert.deepEqual((await gone).flagsChanged, ['switched']);
  assert.equal(flags.getBooleanDetails('switched', false).errorCode, 'FLAG_NOT_FOUND');
});

test('a server that is gone leaves the flags as they were, and is found again', TEST_LIMIT, async () => {
  const { flags, answers } = await client({ targetingKey: 'User:5' }, { pollInterval: 50, changeDetection: 'polling' });
  const stale = next(flags, ProviderEvents.Stale);
  await server.kill();
  await stale;
  assert.equal(flags.getBooleanValue('plain', false), true);
  // Its tags are those of another process: what the provider has is answered anew, and is the same.
  const answer = next(answers, 'answer');
  await server.restart();
  assert.equal((await answer).status, 200);
  const changed = changeOf(flags, 'plain');
  await server.store('plain', { boolean: false });
  await changed;
  assert.equal(flags.getBooleanValue('plain', true), false);
  await server.store('plain', { boolean: true });
});

test('without a right to read flags the provider is not ready for good', TEST_LIMIT, async () => {
  const token = await server.tokenOf('publisher', 'events:write');
  for (const headers of [[], [['Authorization', 'Bearer nonsense']], [['X-API-Key', token]]]) {
    const domain = `domain-${++domains}`;
    const provider = new OFREPWebProvider({ baseUrl: server.url, headers, cacheMode: 'disabled' });
    await assert.rejects(OpenFeature.setProviderAndWait(domain, provider));
    const flags = OpenFeature.getClient(domain);
    assert.equal(flags.providerStatus, ProviderStatus.FATAL);
    assert.deepEqual(flags.getBooleanDetails('plain', false).errorCode, 'PROVIDER_FATAL');
  }
});
