// OpenFeature's provider for browsers where it belongs: a page of another origin, in Chromium, told of changes by events.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch, open, platform, reload } from './lib/page.mjs';
import { ROOT_TOKEN, Server } from './lib/server.mjs';

const TEST_LIMIT = { timeout: 60_000 };
let browser;
let site;
let server;
let token;

before(async () => {
  browser = await launch();
  site = await platform();
  server = await Server.start('--embed-origin', site.origin);
  token = await server.tokenOf('page', 'flags:read');
  await server.store('plain', { boolean: true });
}, TEST_LIMIT);

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
}, TEST_LIMIT);

after(async () => {
  site?.close();
  await browser?.close();
  await server?.remove();
}, TEST_LIMIT);

/** The provider on a page, ready or refused; gives its state in words. */
function begin(page, options = {}) {
  return page.evaluate(async (given) => {
    const { OpenFeature, OFREPWebProvider, ProviderEvents } = globalThis;
    globalThis.heard = [];
    const flags = OpenFeature.getClient();
    for (const name of Object.values(ProviderEvents)) {
      flags.addHandler(name, (details) => globalThis.heard.push([name, details?.flagsChanged ?? []]));
    }
    const provider = new OFREPWebProvider({ cacheMode: 'disabled', ...given });
    try {
      await OpenFeature.setProviderAndWait(provider, { targetingKey: 'User:5' });
    } catch {
      // The status tells.
    }
    return flags.providerStatus;
  }, { baseUrl: server.url, headers: [['Authorization', `Bearer ${token}`]], ...options });
}

/** Waits until a flag has this value on the page. */
const until = (page, flag, value) =>
  page.waitForFunction(
    ([name, wanted]) => globalThis.OpenFeature.getClient().getBooleanDetails(name, !wanted).value === wanted,
    [flag, value],
  );

const heard = (page) => page.evaluate(() => globalThis.heard);

test('a change reaches the page by an event, and polling is not needed', TEST_LIMIT, async () => {
  const page = await open(browser, site.origin);
  const streams = [];
  page.on('request', (request) => request.resourceType() === 'eventsource' && streams.push(request.url()));
  const stream = page.waitForResponse((answer) => answer.request().resourceType() === 'eventsource');
  assert.equal(await begin(page), 'READY');
  assert.equal((await stream).status(), 200);
  await until(page, 'plain', true);
  for (const boolean of [true, false, true]) {
    await server.store('switched', { boolean });
    await until(page, 'switched', boolean);
  }
  assert.ok((await heard(page)).some(([name, flags]) => name.endsWith('CONFIGURATION_CHANGED') && flags.includes('switched')));
  assert.equal(streams.length, 1);
  // Whoever reads the address in a log has no token by it.
  assert.ok(!streams[0].includes(token) && !streams[0].includes(ROOT_TOKEN));
});

test('another environment\'s change is not this page\'s', TEST_LIMIT, async () => {
  const page = await open(browser, site.origin);
  const stream = page.waitForResponse((answer) => answer.request().resourceType() === 'eventsource');
  assert.equal(await begin(page, { baseUrl: `${server.url}/environments/staging` }), 'READY');
  await stream;
  await server.store('elsewhere', { boolean: true });
  await server.store('here', { boolean: true }, 'staging');
  await until(page, 'here', true);
  const changes = (await heard(page)).filter(([name]) => name.endsWith('CONFIGURATION_CHANGED'));
  assert.deepEqual(changes.map(([, flags]) => flags), [['here']]);
});

test('after a restart of the server the page hears again', TEST_LIMIT, async () => {
  const page = await open(browser, site.origin);
  const stream = page.waitForResponse((answer) => answer.request().resourceType() === 'eventsource');
  assert.equal(await begin(page), 'READY');
  await stream;
  await server.kill();
  await page.waitForFunction(() => globalThis.heard.some(([name]) => name.endsWith('STALE')));
  await until(page, 'plain', true);
  const again = page.waitForResponse((answer) => answer.request().resourceType() === 'eventsource' && answer.ok(), { timeout: 40_000 });
  await server.restart();
  await again;
  await server.store('later', { boolean: true });
  await until(page, 'later', true);
});

test('a page that comes back begins with what it kept, and hears of changes by a fresh address', TEST_LIMIT, async () => {
  const page = await open(browser, site.origin);
  const heardOf = () => page.waitForResponse((answer) => answer.request().resourceType() === 'eventsource' && answer.ok());
  const kept = { cacheMode: 'local-cache-first' };
  const first = heardOf();
  assert.equal(await begin(page, kept), 'READY');
  await first;
  // What the page kept names a stream of the process that is gone.
  await server.kill();
  await server.restart();
  await reload(page);
  const again = heardOf();
  assert.equal(await begin(page, kept), 'READY');
  await until(page, 'plain', true);
  await again;
  await server.store('returned', { boolean: true });
  await until(page, 'returned', true);
});

test('a page of an origin that is not configured is told nothing', TEST_LIMIT, async () => {
  const other = await platform();
  const page = await open(browser, other.origin);
  assert.notEqual(await begin(page), 'READY');
  assert.equal(await page.evaluate(() => globalThis.OpenFeature.getClient().getBooleanValue('plain', false)), false);
  other.close();
});

test('an event stream opens by its ticket alone', TEST_LIMIT, async () => {
  const { eventStreams } = await server.ask('POST', '/ofrep/v1/evaluate/flags', {});
  const [{ type, endpoint, url }] = eventStreams;
  assert.equal(type, 'sse');
  const address = new URL(url ?? endpoint.requestUri, server.url);
  const ask = async (change) => {
    const asked = new URL(address);
    change(asked.searchParams);
    const answer = await fetch(asked, { signal: AbortSignal.timeout(10_000) });
    await answer.body.cancel();
    return answer.status;
  };
  assert.equal(await ask(() => {}), 200);
  for (const name of [...address.searchParams.keys()]) {
    assert.equal(await ask((given) => given.delete(name)), 401, name);
    assert.equal(await ask((given) => given.set(name, `${given.get(name)}0`)), 401, name);
  }
});
