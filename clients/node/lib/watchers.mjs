// Who watches a flag: a page in Chromium, a program in Python, a program in Rust. Each is `{ name, how, seen, stop }`;
// `seen(value)` waits until the watcher saw this value after the last one and gives the time, in milliseconds since 1970.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { launch, open, platform } from './page.mjs';

/** Whoever has not seen a change by then is not going to. */
const SEEN_WITHIN_MS = 10_000;

/** What was seen, in order, and who waits for more. */
class Ledger {
  rows = [];
  waiting = [];

  add(value, at) {
    this.rows.push({ value, at });
    this.waiting.splice(0).forEach((look) => look());
  }

  async next(name, value) {
    const end = Date.now() + SEEN_WITHIN_MS;
    for (;;) {
      while (this.rows.length > 0) {
        const row = this.rows.shift();
        if (row.value === value) return row.at;
      }
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${name} has not seen ${value ? 'on' : 'off'} within ${SEEN_WITHIN_MS} ms`);
      await new Promise((done) => {
        const limit = setTimeout(done, left);
        this.waiting.push(() => (clearTimeout(limit), done()));
      });
    }
  }
}

/** A program that prints `on` or `off` and the time, line by line, and ends with its input. */
function program(name, how, command, options) {
  const ledger = new Ledger();
  const process = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  const ended = new Promise((done) => process.once('exit', done));
  process.once('error', (error) => console.error(`${name}: ${error.message}`));
  createInterface({ input: process.stdout }).on('line', (line) => {
    const [word, at] = line.split(' ');
    ledger.add(word === 'on', Number(at));
  });
  const stop = async () => {
    process.stdin.end();
    await ended;
  };
  return { name, how, seen: (value) => ledger.next(name, value), stop };
}

/** The Python program; `python` is an interpreter with OpenFeature's packages. */
export const inPython = (python, url, token, flag) =>
  program('python', "OpenFeature's provider for Python, which asks for each evaluation; asked every 10 ms", [
    python,
    '-B',
    fileURLToPath(new URL('../../python/watch.py', import.meta.url)),
    url,
    token,
    flag,
  ]);

/** The Rust program; `example` is the built example `watch` of the Rust client. */
export const inRust = (example, url, token, flag) =>
  program('rust', "our Rust client, on its stream of snapshots", [example, url, flag], { env: { WIGWAG_TOKEN: token } });

/** The page, of an origin of its own. */
export async function inBrowser(site, url, token, flag) {
  const browser = await launch();
  const page = await open(browser, site.origin);
  const ledger = new Ledger();
  await page.exposeFunction('saw', (value, at) => ledger.add(value, at));
  const stream = page.waitForResponse((answer) => answer.request().resourceType() === 'eventsource');
  await page.evaluate(
    async ([baseUrl, key, name]) => {
      const { OpenFeature, OFREPWebProvider, ProviderEvents } = globalThis;
      const flags = OpenFeature.getClient();
      let known;
      const look = () => {
        const { value, errorCode } = flags.getBooleanDetails(name, false);
        if (errorCode || value === known) return;
        known = value;
        globalThis.saw(value, performance.timeOrigin + performance.now());
      };
      flags.addHandler(ProviderEvents.ConfigurationChanged, look);
      const headers = [['Authorization', `Bearer ${key}`]];
      await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers, cacheMode: 'disabled' }));
      look();
    },
    [url, token, flag],
  );
  await stream;
  const how = "OpenFeature's provider for browsers, told by events; it waits 50 ms for more before it asks";
  return { name: 'page', how, seen: (value) => ledger.next('page', value), stop: () => browser.close() };
}

export { platform };
