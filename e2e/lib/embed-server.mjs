// Two real HTTP servers of different origins: one that keeps the contract of callout.js and serves that very file, and
// a platform whose page carries the component under a strict Content-Security-Policy.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { PATIENCE_MS } from './browser.mjs';

export const SCRIPT = new URL('../../crates/api/assets/callout.js', import.meta.url);

const listen = async (handle, port = 0) => {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error) => response.destroy(error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

const shut = async (server) => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

const send = (response, status, type, body = '') => response.writeHead(status, { 'content-type': type }).end(body);
const json = (response, status, body) => send(response, status, 'application/json', JSON.stringify(body));

const textOf = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

/** The server behind the component. `log` has one line for each request that it judged. */
export class EmbedServer {
  callouts = new Map();
  dismissed = new Set();
  tokens = new Map();
  spent = new Set();
  streams = new Set();
  log = [];
  /** Set to answer dismissals with this status. */
  dismissStatus = 204;
  /** Set to a promise to keep answers, already made, until it resolves. */
  held = null;
  /** Set to answer the stream with this status. */
  streamStatus = 200;
  #server;
  #port = 0;
  #waiting = new Set();

  async start() {
    this.#server = await listen((request, response) => this.#handle(request, response), this.#port);
    this.#port = this.#server.address().port;
    return this;
  }

  stop = () => shut(this.#server);

  get origin() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A token that the server takes. It has the form of a JWT; its signature is nobody's business here. */
  token(sub, project, ttl_s = 900) {
    const exp = Math.floor(Date.now() / 1000) + ttl_s;
    const claims = { aud: 'wigwag-callouts', sub, project, exp, jti: this.tokens.size };
    const text = ['{"alg":"EdDSA"}', JSON.stringify(claims), 'signature']
      .map((part) => Buffer.from(part).toString('base64url')).join('.');
    this.tokens.set(text, { sub, project });
    return text;
  }

  /** Shows `callouts` in a project from now on, and tells the streams. */
  set(project, ...callouts) {
    this.callouts.set(project, callouts);
    for (const stream of this.streams) {
      if (stream.project === project) stream.response.write('event: changed\ndata:\n\n');
    }
  }

  /** Resolves once `holds()`, looked at whenever the server was asked something, when what it keeps changed, and when a
   *  stream came or went. */
  when(holds, what) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`did not happen: ${what}; asked: ${this.log.join(', ')}`));
      }, PATIENCE_MS);
      this.#waiting.add(look);
      look();
    });
  }

  #ring() {
    for (const look of this.#waiting) look();
  }

  count = (start) => this.log.filter((line) => line.startsWith(start)).length;

  async #handle(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.origin);
    response.setHeader('access-control-allow-origin', '*');
    if (pathname === '/embed/callout.js') return send(response, 200, 'text/javascript', await readFile(SCRIPT));
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-headers', 'authorization');
      response.setHeader('access-control-max-age', '600');
      return response.writeHead(204).end();
    }
    if (pathname === '/favicon.ico') return response.writeHead(204).end();
    this.log.push(`${request.method} ${request.url}`);
    this.#ring();
    if (pathname === '/embed/session' && request.method === 'POST') return this.#session(request, response);
    const viewer = this.tokens.get(request.headers.authorization?.replace(/^Bearer /, ''));
    if (!viewer) return json(response, 401, { code: 'bad_token' });
    return this.#answer(`${request.method} ${pathname}`, searchParams, viewer, response);
  }

  async #answer(route, searchParams, { sub, project }, response) {
    const dismiss = /^POST \/embed\/v1\/callouts\/([^/]+)\/dismiss$/.exec(route);
    if (dismiss) {
      if (this.dismissStatus < 300) this.dismissed.add(`${sub} ${project} ${decodeURIComponent(dismiss[1])}`);
      this.#ring();
      return response.writeHead(this.dismissStatus).end();
    }
    if (route === 'GET /embed/v1/callouts') {
      const quiet = /\/-\/hooks/.test(searchParams.get('page'));
      const callouts = quiet ? [] : (this.callouts.get(project) ?? [])
        .filter(({ feature_name }) => !this.dismissed.has(`${sub} ${project} ${feature_name}`));
      await this.held;
      return json(response, 200, { callouts });
    }
    if (route === 'GET /embed/v1/events' && this.streamStatus === 200) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': open\n\n');
      const stream = { response, sub, project };
      this.streams.add(stream);
      response.on('close', () => {
        this.streams.delete(stream);
        this.#ring();
      });
      this.#ring();
      return undefined;
    }
    return json(response, 404, { code: 'not_found' });
  }

  async #session(request, response) {
    const form = new URLSearchParams(await textOf(request));
    const token = form.get('token');
    if (!this.tokens.has(token) || this.spent.has(token)) return send(response, 403, 'text/html', '<h1>Sign in</h1>');
    this.spent.add(token);
    this.#ring();
    return send(response, 200, 'text/html', `<!doctype html><title>Hook</title><h1>Hook ${Number(form.get('hook_id'))}</h1>`);
  }
}

const STYLE = `body{margin:0;font:15px/1.5 system-ui,sans-serif;background:#fff;color:#1f1e24}
header{padding:12px 24px;border-bottom:1px solid #e4e3e8;font-weight:600}
main{padding:16px 24px}
a{color:inherit}
@media (prefers-color-scheme:dark){body{background:#18171d;color:#ececef}header{border-color:#3a383f}}
@media (max-width:600px){header,main{padding-inline:12px}}
.themed{--wigwag-danger-accent:#004d40;--wigwag-radius:0}`;

/** The platform's page at every path; its token address answers what `nextToken` makes. */
export class Platform {
  nextToken = () => null;
  tokenAsked = 0;
  attributes = '';
  document = '';
  #server;
  #wigwag;

  constructor(wigwag) {
    this.#wigwag = wigwag;
  }

  async start() {
    this.#server = await listen((request, response) => this.#handle(request, response));
    return this;
  }

  stop = () => shut(this.#server);

  url = (path = '/acme/shop') => `http://127.0.0.1:${this.#server.address().port}${path}`;

  #handle(request, response) {
    if (request.url === '/style.css') return send(response, 200, 'text/css', STYLE);
    if (request.url === '/favicon.ico') return response.writeHead(204).end();
    if (request.url.startsWith('/wigwag-token')) {
      this.tokenAsked += 1;
      return json(response, 200, { token: this.nextToken(request.url) });
    }
    const there = this.#wigwag.origin;
    response.setHeader('content-security-policy', [
      "default-src 'none'", `script-src 'self' ${there}`, "style-src 'self'", `connect-src 'self' ${there}`,
      `form-action 'self' ${there}`, "base-uri 'none'", "require-trusted-types-for 'script'",
    ].join('; '));
    return send(response, 200, 'text/html; charset=utf-8', `<!doctype html>
<html lang="en" ${this.document}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>acme / shop</title><link rel="stylesheet" href="/style.css">
<script type="module" src="${there}/embed/callout.js"></script></head>
<body><header>acme / shop</header><main><wigwag-callout ${this.attributes}></wigwag-callout>
<h1>Shop</h1><p>The page below the banner. <a href="#more">More</a></p></main></body></html>`);
  }
}
