// A page of a platform's own origin, in Chromium: it has OpenFeature's SDK and provider for browsers, as modules and
// unbundled, and puts them where a test reaches them.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** A page that says nothing for this long has failed its test. */
export const PATIENCE_MS = 10_000;

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));
const PROVIDER = '/modules/@openfeature/ofrep-web-provider';
const IMPORTS = {
  imports: {
    '@openfeature/core': '/modules/@openfeature/core/dist/esm/index.js',
    '@openfeature/web-sdk': '/modules/@openfeature/web-sdk/dist/esm/index.js',
    '@openfeature/ofrep-web-provider': `${PROVIDER}/index.esm.js`,
    '@openfeature/ofrep-core': `${PROVIDER}/node_modules/@openfeature/ofrep-core/index.esm.js`,
  },
};
const HTML = `<!doctype html><html lang="en"><title>A platform</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify(IMPORTS)}</script>
<script type="module">
  import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
  import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
  Object.assign(globalThis, { OpenFeature, ProviderEvents, OFREPWebProvider, ready: true });
</script>`;

const send = (response, status, type, body = '') => response.writeHead(status, { 'content-type': type }).end(body);

/** The platform's web server; `origin` is where it is. */
export async function platform() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://platform');
    if (pathname === '/') return send(response, 200, 'text/html', HTML);
    const file = normalize(join(MODULES, pathname.replace(/^\/modules\//, '')));
    if (!pathname.startsWith('/modules/') || !file.startsWith(MODULES)) return send(response, 404, 'text/plain');
    response.setHeader('content-type', 'text/javascript');
    createReadStream(file).on('error', () => send(response, 404, 'text/plain')).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, close: () => (server.closeAllConnections(), server.close()) };
}

export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });

/** The platform's page in a profile of its own. */
export async function open(browser, origin) {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.goto(origin);
  await isReady(page);
  return page;
}

/** The same page again, with what it kept in the browser. */
export async function reload(page) {
  await page.reload();
  await isReady(page);
}

const isReady = (page) => page.waitForFunction(() => globalThis.ready);
