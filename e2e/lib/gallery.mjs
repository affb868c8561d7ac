// The pages' gallery: a server of its own with a hook in every state, half a day of deliveries, and a failing receiver.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOUSE = fileURLToPath(new URL('../..', import.meta.url));
/** Building it, where it is not built yet, takes the longest. */
const READY_MS = 240_000;

export class Gallery {
  /** Starts it; `url` is where it listens, `password` everybody's. */
  async start() {
    const command = ['run', '--quiet', '-p', 'wigwag-pages', '--example', 'gallery'];
    this.process = spawn(process.env.CARGO || 'cargo', command, { cwd: HOUSE, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((done) => this.process.once('exit', (code, signal) => done(signal ?? code)));
    let said = '';
    await new Promise((done, fail) => {
      const limit = setTimeout(() => fail(new Error(`not ready after ${READY_MS} ms: ${said}`)), READY_MS);
      const listen = (text) => {
        said += text;
        [, this.password] = said.match(/^password: (.+)$/m) ?? [];
        [, this.url] = said.match(/^listening on (http:\S+)$/m) ?? [];
        if (!this.url) return;
        clearTimeout(limit);
        done();
      };
      this.process.stdout.setEncoding('utf8').on('data', listen);
      this.process.stderr.setEncoding('utf8').on('data', (text) => (said += text));
      this.ended.then((how) => (clearTimeout(limit), fail(new Error(`ended (${how}): ${said}`))));
    });
    return this;
  }

  async stop() {
    this.process?.kill('SIGKILL');
    await this.ended;
  }
}
