// A flag is switched in one terminal; a browser, a Python program and a Rust program see it. Prints after how many
// milliseconds each did, round by round, and fails if one does not see it at all.
//
//   node seen.mjs --python INTERPRETER --rust EXAMPLE [--rounds N]
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { PROGRAM, ROOT_TOKEN, Server } from './lib/server.mjs';
import { inBrowser, inPython, inRust, platform } from './lib/watchers.mjs';

const FLAG = 'seen_everywhere';
const { values: options } = parseArgs({
  options: { python: { type: 'string' }, rust: { type: 'string' }, rounds: { type: 'string', default: '10' } },
});
const rounds = Number(options.rounds);
if (!options.python || !options.rust || !(rounds >= 1)) {
  console.error('node seen.mjs --python INTERPRETER --rust EXAMPLE [--rounds N]');
  process.exit(2);
}

/** `wigwag chatops run feature set ...`, as typed in a terminal. */
async function command(url, value) {
  const words = ['chatops', 'run', 'feature', 'set', FLAG, String(value)];
  const run = spawn(PROGRAM, words, {
    env: { WIGWAG_URL: url, WIGWAG_TOKEN: ROOT_TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  run.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const code = await new Promise((done) => run.once('exit', done));
  if (code !== 0) throw new Error(`the command ended with ${code}: ${said}`);
}

/** When the last change was made, by the audit log. */
async function madeAt(server) {
  const [row] = await server.ask('GET', `/v1/audit?flag=${FLAG}`);
  return Date.parse(row.at);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const line = (...cells) => console.log(cells.map((cell) => String(cell).padStart(9)).join(''));

const site = await platform();
const server = await Server.start('--embed-origin', site.origin);
const watchers = [];
try {
  for (const environment of ['dev', 'staging', 'production']) {
    await server.store(FLAG, { boolean: environment !== 'production' }, environment);
  }
  const token = await server.tokenOf('watcher', 'flags:read');
  watchers.push(await inBrowser(site, server.url, token, FLAG));
  watchers.push(inPython(options.python, server.url, token, FLAG));
  watchers.push(inRust(options.rust, server.url, token, FLAG));
  await Promise.all(watchers.map((watcher) => watcher.seen(false)));

  console.log(`wigwag chatops run feature set ${FLAG} true (and false), in a process of its own; after how many ms each saw it,`);
  console.log('from the time that the audit log gives the change; command: from its start to its end');
  for (const { name, how } of watchers) console.log(`  ${name}: ${how}`);
  const names = watchers.map(({ name }) => name);
  line('round', 'to', 'command', ...names);
  const columns = Object.fromEntries(['command', ...names].map((name) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    const value = round % 2 === 1;
    const begun = performance.now();
    const seen = watchers.map((watcher) => watcher.seen(value));
    await Promise.all([command(server.url, value).then(() => columns.command.push(Math.round(performance.now() - begun))), ...seen]);
    const made = await madeAt(server);
    const times = (await Promise.all(seen)).map((at) => Math.max(0, Math.round(at - made)));
    names.forEach((name, index) => columns[name].push(times[index]));
    line(round, value ? 'on' : 'off', columns.command.at(-1), ...times);
  }
  line('median', '', ...Object.values(columns).map(median));
  line('max', '', ...Object.values(columns).map((column) => Math.max(...column)));
  console.log(`seen: ${rounds} of ${rounds} changes, by all ${watchers.length}`);
} finally {
  await Promise.allSettled(watchers.map((watcher) => watcher.stop()));
  site.close();
  await server.remove();
}
