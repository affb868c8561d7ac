// A real Wigwag server of a suite's own: on a free port, in a temporary folder, ended with the suite.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROGRAM = resolve(process.env.WIGWAG_BIN || fileURLToPath(new URL('../../../target/debug/wigwag', import.meta.url)));
export const ROOT_TOKEN = 'client-suites-0123456789abcdef0123456789';
/** A start that takes longer hangs, and so does an answer. */
const STARTS_WITHIN_MS = 30_000;
const ANSWERS_WITHIN_MS = 10_000;

/** What is already in the environment is about other servers. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WIGWAG_')));

export class Server {
  /** Starts one and waits until it listens; `options` are those of `wigwag serve`. */
  static async start(...options) {
    const server = new Server();
    server.options = options;
    server.folder = await mkdtemp(join(tmpdir(), 'wigwag-clients-'));
    await server.listen('127.0.0.1:0');
    return server;
  }

  /** Starts again where it was, with what it had stored. */
  restart() {
    return this.listen(new URL(this.url).host);
  }

  async listen(address) {
    const command = ['serve', '--listen', address, '--data', 'data', ...this.options];
    this.process = spawn(PROGRAM, command, {
      cwd: this.folder,
      env: { ...environment, WIGWAG_ROOT_TOKEN: ROOT_TOKEN },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.ended = new Promise((done) => this.process.once('exit', (code, signal) => done(signal ?? code)));
    let said = '';
    this.url = await new Promise((done, fail) => {
      const limit = setTimeout(() => fail(new Error(`not listening after ${STARTS_WITHIN_MS} ms: ${said}`)), STARTS_WITHIN_MS);
      this.process.stdout.setEncoding('utf8').on('data', (text) => {
        said += text;
        const [, url] = said.match(/^listening on (http:\S+)$/m) ?? [];
        if (url) (clearTimeout(limit), done(url));
      });
      this.ended.then((how) => (clearTimeout(limit), fail(new Error(`ended (${how}): ${said}`))));
    });
  }

  /** Ends it without a word; `restart` brings it back. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  async remove() {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Any request, with any answer; `body` becomes JSON. */
  send(method, path, body, token = ROOT_TOKEN) {
    return fetch(this.url + path, {
      method,
      headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
  }

  /** A request that must succeed; gives the JSON of the answer. */
  async ask(method, path, body) {
    const answer = await this.send(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  /** Stores exactly this state of a flag; null forgets what is stored. */
  store(flag, state, environment = 'production') {
    return this.ask('PUT', `/v1/flags/${flag}/state`, { environment, state, force: true });
  }

  /** A new token of a new user. */
  async tokenOf(username, ...scopes) {
    const user = await this.ask('POST', '/api/v4/users', { username, name: username, email: `${username}@example.com` });
    const fields = { name: 'suite', scopes };
    return (await this.ask('POST', `/api/v4/users/${user.id}/personal_access_tokens`, fields)).token;
  }
}
