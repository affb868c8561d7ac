// OpenFeature's provider for servers, the JavaScript one: one question over HTTP for each evaluation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { ROOT_TOKEN, Server } from './lib/server.mjs';

const TEST_LIMIT = { timeout: 60_000 };
let server;
let domains = 0;

/** A client of the SDK with a provider of its own. */
async function client({ prefix = '', headers = { Authorization: `Bearer ${ROOT_TOKEN}` } } = {}) {
  const domain = `domain-${++domains}`;
  await OpenFeature.setProviderAndWait(domain, new OFREPProvider({ baseUrl: server.url + prefix, headers }));
  return OpenFeature.getClient(domain);
}

before(async () => {
  server = await Server.start();
  await server.store('plain', { boolean: true });
  await server.store('stopped', { boolean: false });
  await server.store('listed', { actors: ['User:5', 'Project:1'] });
  await server.store('spared', { boolean: true, opt_outs: ['User:5'] });
  await server.store('shared', { percentage_of_actors: 100 });
  await server.store('stopped', { boolean: true }, 'staging');
}, TEST_LIMIT);

after(async () => {
  await OpenFeature.close();
  await server?.remove();
}, TEST_LIMIT);

test('a decision comes with variant, reason and our own words', TEST_LIMIT, async () => {
  const flags = await client();
  const check = async (flag, context, value, reason, metadata) => {
    const details = await flags.getBooleanDetails(flag, !value, context);
    assert.deepEqual(
      { value: details.value, variant: details.variant, reason: details.reason, metadata: details.flagMetadata },
      { value, variant: value ? 'on' : 'off', reason, metadata },
      flag,
    );
    assert.equal(details.errorCode, undefined);
  };
  await check('plain', {}, true, 'STATIC', { reason: 'boolean' });
  await check('stopped', { targetingKey: 'User:5' }, false, 'DISABLED', { reason: 'off' });
  await check('listed', { targetingKey: 'User:5' }, true, 'TARGETING_MATCH', { reason: 'actors' });
  await check('listed', { targetingKey: 'User:6' }, false, 'DISABLED', { reason: 'off' });
  await check('listed', { targetingKey: 'User:6', actors: ['Project:1'] }, true, 'TARGETING_MATCH', { reason: 'actors' });
  await check('spared', { targetingKey: 'User:5' }, false, 'DISABLED', { reason: 'opt_out' });
  await check('auto_disabling_web_hooks', { plan: 'gold', since: new Date() }, true, 'STATIC', { reason: 'default' });
  const { reason, flagMetadata } = await flags.getBooleanDetails('shared', false, { targetingKey: 'User:5' });
  assert.equal(reason, 'SPLIT');
  assert.equal(flagMetadata.reason, 'percentage_of_actors');
  assert.ok(flagMetadata.bucket >= 0 && flagMetadata.bucket < 100_000);
});

test('an unknown flag gives the default and says so', TEST_LIMIT, async () => {
  const flags = await client();
  for (const fallback of [true, false]) {
    const details = await flags.getBooleanDetails('unheard_of', fallback);
    assert.deepEqual([details.value, details.reason, details.errorCode], [fallback, 'ERROR', 'FLAG_NOT_FOUND']);
    assert.match(details.errorMessage, /neither defined nor stored/);
  }
});

test('flags are truth values and nothing else', TEST_LIMIT, async () => {
  const flags = await client();
  for (const details of [
    await flags.getStringDetails('plain', 'none'),
    await flags.getNumberDetails('plain', 7),
    await flags.getObjectDetails('plain', { none: true }),
  ]) {
    assert.equal(details.errorCode, 'TYPE_MISMATCH');
    assert.ok(['none', 7].includes(details.value) || details.value.none);
  }
});

test('the token comes as bearer or as API key, and reading flags is enough', TEST_LIMIT, async () => {
  const token = await server.tokenOf('reader', 'flags:read');
  for (const headers of [{ Authorization: `Bearer ${token}` }, { 'X-API-Key': token }, [['X-API-Key', token]]]) {
    assert.equal(await (await client({ headers })).getBooleanValue('plain', false), true);
  }
  const other = await server.tokenOf('publisher', 'events:write');
  for (const headers of [{}, { Authorization: 'Bearer nonsense' }, { 'X-API-Key': other }]) {
    const details = await (await client({ headers })).getBooleanDetails('plain', false);
    assert.deepEqual([details.value, details.reason, details.errorCode], [false, 'ERROR', 'GENERAL']);
  }
});

test('an environment is a prefix of the address', TEST_LIMIT, async () => {
  const check = async (prefix, value) => {
    assert.equal(await (await client({ prefix })).getBooleanValue('stopped', !value), value, prefix);
  };
  await check('', false);
  await check('/environments/production', false);
  await check('/environments/staging', true);
  await check('/environments/staging-canary', true);
  const nowhere = await (await client({ prefix: '/environments/moon' })).getBooleanDetails('plain', true);
  assert.deepEqual([nowhere.value, nowhere.errorCode], [true, 'GENERAL']);
});

test('a context that is wrong or too large gives the default', TEST_LIMIT, async () => {
  const flags = await client();
  const check = async (context, code) => {
    const details = await flags.getBooleanDetails('plain', false, context);
    assert.deepEqual([details.value, details.errorCode], [false, code]);
  };
  await check({ actors: 'Project:1' }, 'INVALID_CONTEXT');
  await check({ actors: [1] }, 'INVALID_CONTEXT');
  await check({ note: 'x'.repeat(64 << 10) }, 'GENERAL');
  assert.equal(await flags.getBooleanValue('plain', false, { note: 'x'.repeat(60 << 10) }), true);
});

test('a change is seen by the next evaluation', TEST_LIMIT, async () => {
  const flags = await client();
  for (const boolean of [true, false, true]) {
    await server.store('switched', { boolean });
    assert.equal(await flags.getBooleanValue('switched', !boolean), boolean);
  }
});
