// `wigwag demo` as a person starts it: on ports and in a folder of its own, killed and started again at will.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = resolve(process.env.WIGWAG_BIN || fileURLToPath(new URL('../../target/debug/wigwag', import.meta.url)));
const READY_MS = 30_000;
const ENDS_MS = 15_000;
/** A server on this machine that says nothing for so long hangs. */
const ANSWERS_MS = 10_000;

export class Demo {
  static async make() {
    const demo = new Demo();
    demo.home = await mkdtemp(join(tmpdir(), 'wigwag-story-'));
    demo.folder = join(demo.home, 'demo');
    demo.port = await freePort();
    return demo;
  }

  /** Starts it and waits until it says where to look: `url` the platform, `wigwag` the server. */
  async start() {
    const options = ['demo', '--listen', `127.0.0.1:${this.port}`, '--data', this.folder];
    this.process = spawn(PROGRAM, options, { cwd: this.home, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((done) => this.process.once('exit', (code, signal) => done(signal ?? code)));
    let said = '';
    const ready = new Promise((done, fail) => {
      const limit = setTimeout(() => fail(new Error(`not ready after ${READY_MS} ms: ${said}`)), READY_MS);
      const listen = (text) => {
        said += text;
        const [, url] = said.match(/^open (http:\S+)$/m) ?? [];
        if (!url) return;
        clearTimeout(limit);
        this.url = url;
        [, this.wigwag] = said.match(/^wigwag itself is at (http:\S+)$/m);
        done();
      };
      this.process.stdout.setEncoding('utf8').on('data', listen);
      this.process.stderr.setEncoding('utf8').on('data', (text) => (said += text));
      this.ended.then((how) => (clearTimeout(limit), fail(new Error(`ended (${how}): ${said}`))));
    });
    await ready;
    this.receiverPort = Number(await readFile(join(this.folder, 'receiver/port'), 'utf8'));
    return this;
  }

  /** Ends it without a word, and waits until its receiver, which nobody tells, is gone too. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
    await until('the receiver to end with the demo', async () => !(await answers(this.receiverPort)));
  }

  /** Ctrl-C; gives the exit code. */
  async stop() {
    this.process.kill('SIGINT');
    const limit = setTimeout(() => this.process.kill('SIGKILL'), ENDS_MS);
    const how = await this.ended;
    clearTimeout(limit);
    return how;
  }

  async remove() {
    if (this.process?.exitCode === null && this.process.signalCode === null) await this.stop();
    // A receiver that outlives the demo holds its pipes open, and they would hold this process.
    this.process?.stdout.destroy();
    this.process?.stderr.destroy();
    await rm(this.home, { recursive: true, force: true });
  }

  /** Asks Wigwag as its operator. */
  async api(path) {
    const token = await readFile(join(this.folder, 'platform/operator-token'), 'utf8');
    const answer = await fetch(this.wigwag + path, {
      headers: { 'PRIVATE-TOKEN': token },
      signal: AbortSignal.timeout(ANSWERS_MS),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** The only hook of harbor/PROJECT. */
  async hook(project) {
    const [hook] = await this.api(`/api/v4/projects/harbor%2F${project}/hooks`);
    return hook;
  }

  /** The callouts of USER in harbor/PROJECT. */
  async callouts(project, user) {
    const { callouts } = await this.api(`/v1/projects/harbor%2F${project}/callouts?user=${user}&page=/harbor/${project}`);
    return callouts;
  }

  /** The keys of PROJECT's events that Wigwag acknowledged. */
  async published(project) {
    const lines = await this.lines(`platform/${project}.outbox`);
    return new Set(lines.map(({ acknowledged }) => acknowledged).filter(Boolean));
  }

  /** Every request that the receiver ever got. */
  ledger() {
    return this.lines('receiver/ledger.ndjson');
  }

  async lines(file) {
    const text = await readFile(join(this.folder, file), 'utf8');
    return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  }
}

/** Waits for something that will be so. */
export async function until(what, isSo, within_ms = 10_000, every_ms = 20) {
  const end = Date.now() + within_ms;
  for (;;) {
    const found = await isSo();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${within_ms} ms for ${what}`);
    await new Promise((done) => setTimeout(done, every_ms));
  }
}

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const answers = (port) =>
  new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWERS_MS });
    socket.once('timeout', () => (socket.destroy(), done(true)));
    socket.once('connect', () => (socket.destroy(), done(true)));
    socket.once('error', () => done(false));
  });
