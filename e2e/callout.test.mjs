// <wigwag-callout> in Chromium, on a platform's page of another origin under a strict Content-Security-Policy.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { seriousFindings } from './lib/axe.mjs';
import { isNetworkNote, launch, newContext, newPage, overflow, picture } from './lib/browser.mjs';
import { EmbedServer, Platform, SCRIPT } from './lib/embed-server.mjs';

const GZIP_BYTES_MAX = 6_144;
const HTML = '<img src=x onerror="document.title=1"><script>document.title=2</script>&amp;';

const callout = (parts = {}) => ({
  feature_name: 'web_hook_disabled',
  scope: { project: 42 },
  title: 'Webhook disabled',
  text: '“Invoices to the books” was disabled 12 minutes ago: the receiver answered 404. Mend its receiver, then test it'
    + ' or enable it again; 1,204 events wait.',
  url: '/projects/42/hooks/7',
  dismissible: true,
  variant: 'danger',
  hooks: [{ id: 7 }],
  ...parts,
});
const paused = callout({
  title: 'Webhook paused',
  variant: 'warning',
  text: '“Invoices to the books” was paused just now: the receiver answered 503. It will be tried again in 1 minute; 3'
    + ' events wait.',
});

let browser, wigwag, platform, context;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());
beforeEach(async () => {
  wigwag = await new EmbedServer().start();
  platform = await new Platform(wigwag).start();
  context = await newContext(browser);
});
afterEach(async () => {
  await context.close();
  await platform.stop();
  await wigwag.stop();
});

/** The page with the component for `sub` in project 42, once its line is up. */
async function visit({ sub = 'mara', token = wigwag.token(sub, 42), more = '', path, within = context } = {}) {
  platform.attributes = `project="42" ${token ? `token="${token}"` : ''} ${more}`;
  const opened = await newPage(within);
  await opened.page.goto(platform.url(path));
  return opened;
}
/** Lets the page's clock run for `ms`, or until `done`; how long it ran. */
async function pass(page, ms, done) {
  let passed_ms = 0;
  for (; passed_ms < ms && !(await done()); passed_ms += 1_000) await page.clock.runFor(1_000);
  return passed_ms;
}
const banner = (page) => page.getByRole('alert');
const dismiss = (page) => page.getByRole('button', { name: 'Dismiss' });
const listening = (streams) => wigwag.when(() => wigwag.streams.size === streams, `${streams} streams`);

test('it fits into 6 KiB', async () => {
  const bytes = gzipSync(await readFile(SCRIPT)).length;
  assert.ok(bytes < GZIP_BYTES_MAX, `${bytes} bytes`);
});

test('nothing shows while nothing fails, and it takes no room', async () => {
  const { page, complaints } = await visit();
  await listening(1);
  assert.equal(await banner(page).count(), 0);
  assert.equal(await page.locator('wigwag-callout').evaluate((host) => getComputedStyle(host).display), 'none');
  assert.deepEqual(complaints, []);
});

test('it comes and goes with the news, without a reload', async () => {
  const { page, complaints } = await visit();
  await listening(1);
  wigwag.set(42, paused);
  await banner(page).waitFor();
  assert.match(await banner(page).innerText(), /Webhook paused\s+“Invoices to the books” was paused just now/);
  assert.equal(await banner(page).getAttribute('part'), 'banner warning');
  assert.ok(await page.getByRole('img', { name: 'Warning' }).isVisible());
  wigwag.set(42, callout());
  await page.getByRole('img', { name: 'Danger' }).waitFor();
  assert.equal(await banner(page).getAttribute('part'), 'banner danger');
  wigwag.set(42);
  await banner(page).waitFor({ state: 'detached' });
  assert.deepEqual(complaints, []);
});

test('the page goes with the question', async () => {
  wigwag.set(42, callout());
  const { page } = await visit({ path: '/acme/shop/-/hooks/7' });
  await listening(1);
  assert.equal(await banner(page).count(), 0);
  await page.locator('wigwag-callout').evaluate((host) => host.setAttribute('page', '/acme/shop?a=1&b=ü'));
  await banner(page).waitFor();
  assert.ok(wigwag.log.includes('GET /embed/v1/callouts?page=%2Facme%2Fshop%3Fa%3D1%26b%3D%C3%BC'), wigwag.log.join());
});

test('an alert is announced politely, and not again because a minute passed', async () => {
  wigwag.set(42, paused);
  const { page } = await visit();
  await listening(1);
  await banner(page).waitFor();
  assert.equal(await banner(page).getAttribute('aria-atomic'), 'true');
  const check = async (news, live) => {
    wigwag.set(42, news);
    await page.getByText(news.text).waitFor();
    assert.equal(await banner(page).getAttribute('aria-live'), live, news.text);
  };
  await dismiss(page).focus();
  await check({ ...paused, text: 'Two minutes.' }, 'off');
  await check({ ...callout(), text: 'It is off.' }, 'polite');
  await check({ ...callout(), text: 'It is still off.' }, 'off');
  assert.ok(await dismiss(page).evaluate((close) => close.getRootNode().activeElement === close), 'the focus stayed');
});

test('the keyboard reaches both buttons, and dismisses without a reload', async () => {
  wigwag.set(42, callout());
  const { page, complaints } = await visit();
  await banner(page).waitFor();
  const focused = () => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.getAttribute('part'));
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'open');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'close');
  assert.notEqual(await dismiss(page).evaluate((close) => getComputedStyle(close).outlineStyle), 'none');
  await page.keyboard.press('Enter');
  await banner(page).waitFor({ state: 'detached' });
  await wigwag.when(() => wigwag.dismissed.has('mara 42 web_hook_disabled'), 'the dismissal');
  await page.reload();
  await listening(1);
  assert.equal(await banner(page).count(), 0);
  assert.deepEqual(complaints, []);
});

test('a dismissal that the server did not take is undone, with a word', async () => {
  wigwag.set(42, callout());
  wigwag.dismissStatus = 503;
  const { page } = await visit();
  await banner(page).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.getByText('This could not be dismissed.').waitFor();
  assert.ok(await dismiss(page).evaluate((close) => close.getRootNode().activeElement === close), 'the focus is back');
  wigwag.dismissStatus = 204;
  await dismiss(page).click();
  await banner(page).waitFor({ state: 'detached' });
});

test('an answer from before a dismissal does not bring the banner back', async () => {
  wigwag.set(42, callout());
  const { page } = await visit();
  await banner(page).waitFor();
  await listening(1);
  await wigwag.when(() => wigwag.count('GET /embed/v1/callouts') === 2, 'the question after the stream opened');
  let release;
  wigwag.held = new Promise((resolve) => {
    release = resolve;
  });
  wigwag.set(42, callout());
  await wigwag.when(() => wigwag.count('GET /embed/v1/callouts') === 3, 'the question after the news');
  await page.locator('wigwag-callout').evaluate((host) => {
    globalThis.shown = [];
    new MutationObserver(() => globalThis.shown.push(host.hasAttribute('open'))).observe(host, { attributes: true });
  });
  await Promise.all([page.waitForResponse(/\/dismiss$/), dismiss(page).click()]);
  wigwag.held = null;
  release();
  await wigwag.when(() => wigwag.count('GET /embed/v1/callouts') === 4, 'the question after the dismissal');
  assert.deepEqual(await page.evaluate(() => globalThis.shown.filter(Boolean)), []);
});

test('what cannot be dismissed has no close button', async () => {
  wigwag.set(42, callout({ dismissible: false }));
  const { page } = await visit();
  await banner(page).waitFor();
  assert.equal(await dismiss(page).count(), 0);
});

test('texts stay texts', async () => {
  wigwag.set(42, callout({ title: HTML, text: HTML, variant: HTML, feature_name: '../"' }));
  const { page, complaints } = await visit();
  await banner(page).waitFor();
  assert.equal((await banner(page).innerText()).split(HTML).length, 3, await banner(page).innerText());
  assert.equal(await page.title(), 'acme / shop');
  assert.equal(await banner(page).locator('img, script').count(), 0);
  await dismiss(page).click();
  await wigwag.when(() => wigwag.dismissed.has('mara 42 ../"'), 'the dismissal of a strange name');
  assert.deepEqual(complaints, []);
});

test('the button opens the hook page by a form post, each time with an unused token', async () => {
  wigwag.set(42, callout());
  platform.nextToken = () => wigwag.token('mara', 42);
  const { page, complaints } = await visit({ more: 'token-src="/wigwag-token" target="_blank"' });
  for (const used of [1, 2]) {
    const [hook] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('button', { name: 'See what failed' }).click(),
    ]);
    await hook.getByRole('heading', { name: 'Hook 7' }).waitFor();
    assert.equal(wigwag.spent.size, used);
    assert.equal(await hook.evaluate(() => globalThis.opener), null);
    await hook.close();
  }
  await page.locator('wigwag-callout').evaluate((host) => host.removeAttribute('target'));
  await page.getByRole('button', { name: 'See what failed' }).click();
  await page.getByRole('heading', { name: 'Hook 7' }).waitFor();
  assert.deepEqual(complaints, []);
});

test('a server that is gone is borne quietly, and its return noticed', async () => {
  wigwag.set(42, callout());
  const { page, complaints } = await visit();
  await listening(1);
  await banner(page).waitFor();
  const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('/callouts'));
  await wigwag.stop();
  await failed;
  assert.ok(await banner(page).isVisible(), 'what was true stays');
  wigwag.set(42);
  await wigwag.start();
  await banner(page).waitFor({ state: 'detached' });
  await listening(1);
  assert.deepEqual(complaints.filter((complaint) => !isNetworkNote(complaint)), []);
});

test('a server that stays away is asked ever more rarely, down to once a minute', async () => {
  const { page } = await newPage(context);
  await page.clock.install();
  platform.attributes = `token="${wigwag.token('mara', 42)}"`;
  let asked = 0;
  await page.route(/\/embed\/v1\//, (route) => {
    asked += 1;
    return route.abort();
  });
  await page.goto(platform.url());
  await pass(page, 600_000, () => false);
  assert.ok(asked >= 12 && asked <= 30, `${asked} requests in 10 minutes`);
});

test('without a stream it asks once a minute', async () => {
  wigwag.streamStatus = 404;
  const { page } = await newPage(context);
  await page.clock.install();
  platform.attributes = `token="${wigwag.token('mara', 42)}"`;
  await page.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  await page.goto(platform.url());
  await wigwag.when(() => wigwag.count('GET /embed/v1/callouts') === 1, 'the first question');
  wigwag.set(42, callout());
  const passed_ms = await pass(page, 120_000, () => banner(page).isVisible());
  assert.ok(passed_ms >= 30_000 && passed_ms <= 65_000, `${passed_ms} ms`);
  assert.deepEqual([wigwag.count('GET /embed/v1/callouts'), wigwag.count('GET /embed/v1/events')], [2, 0]);
});

test('two tabs share one stream, and the one that stays takes it over', async () => {
  const first = await visit();
  await listening(1);
  const second = await visit();
  await wigwag.when(() => wigwag.count('GET /embed/v1/callouts') >= 3, 'both tabs to ask');
  wigwag.set(42, callout());
  await Promise.all([banner(first.page).waitFor(), banner(second.page).waitFor()]);
  assert.equal(wigwag.count('GET /embed/v1/events'), 1);
  await first.page.close();
  await wigwag.when(() => wigwag.count('GET /embed/v1/events') === 2, 'the second tab to listen');
  await listening(1);
  wigwag.set(42);
  await banner(second.page).waitFor({ state: 'detached' });
  assert.deepEqual([...first.complaints, ...second.complaints], []);
});

test('dismissed in one tab, it goes in the other, but not for somebody else', async () => {
  wigwag.set(42, callout());
  const [here, there] = [await visit(), await visit()];
  const other = await visit({ sub: 'otto' });
  for (const { page } of [here, there, other]) await banner(page).waitFor();
  await listening(2);
  await dismiss(here.page).click();
  await banner(there.page).waitFor({ state: 'detached' });
  assert.ok(await banner(other.page).isVisible());
});

test('a hidden tab holds no stream, and catches up when it is seen again', async () => {
  const { page } = await visit();
  await listening(1);
  const turn = (state) => page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  await turn('hidden');
  await listening(0);
  wigwag.set(42, callout());
  await turn('visible');
  await banner(page).waitFor();
  await listening(1);
  assert.equal(wigwag.count('GET /embed/v1/events'), 2);
});

test('a token is renewed before it ends, or when it is refused', async () => {
  platform.nextToken = () => wigwag.token('mara', 42);
  wigwag.set(42, callout());
  for (const token of [null, wigwag.token('mara', 42, 30), 'refused']) {
    platform.tokenAsked = 0;
    const { page } = await visit({ token, more: 'token-src="/wigwag-token"' });
    await banner(page).waitFor();
    await listening(1);
    assert.equal(platform.tokenAsked, 1, String(token));
    await page.close();
    await listening(0);
  }
});

test('a refused token that cannot be renewed is not tried again; the next one is', async () => {
  wigwag.set(42, callout());
  const { page, complaints } = await newPage(context);
  await page.clock.install();
  platform.attributes = 'project="42" token="refused"';
  await Promise.all([page.waitForEvent('console'), page.goto(platform.url())]);
  await pass(page, 120_000, () => false);
  assert.equal(wigwag.count('GET'), 1, wigwag.log.join());
  await page.locator('wigwag-callout').evaluate((host, token) => host.setAttribute('token', token), wigwag.token('mara', 42));
  await banner(page).waitFor();
  assert.deepEqual(complaints.filter((complaint) => !isNetworkNote(complaint)), []);
});

test('another project at run time shows nothing of the one before; a removed element leaves nothing behind', async () => {
  wigwag.set(42, callout());
  wigwag.set(43, callout({ title: 'Webhook of 43' }));
  const { page } = await visit();
  await banner(page).waitFor();
  const shown = await page.locator('wigwag-callout').evaluate((host, token) => {
    host.setAttribute('project', '43');
    host.setAttribute('token', token);
    return host.hasAttribute('open');
  }, wigwag.token('mara', 43));
  assert.equal(shown, false);
  await page.getByText('Webhook of 43').waitFor();
  await wigwag.when(() => [...wigwag.streams].map(({ project }) => project).join() === '43', 'one stream, of 43');
  await page.locator('wigwag-callout').evaluate((host) => host.remove());
  await listening(0);
});

test('it moves the page once', async () => {
  wigwag.set(42, callout());
  const { page } = await newPage(context);
  await page.addInitScript(() => {
    globalThis.tops = [];
    const look = () => {
      const top = document.querySelector('h1')?.offsetTop;
      if (Number.isInteger(top) && globalThis.tops.at(-1) !== top) globalThis.tops.push(top);
      requestAnimationFrame(look);
    };
    look();
  });
  platform.attributes = `project="42" token="${wigwag.token('mara', 42)}"`;
  await page.goto(platform.url());
  await banner(page).waitFor();
  await listening(1);
  await wigwag.when(() => wigwag.count('GET /embed/v1/callouts') === 2, 'the question after the stream opened');
  const tops = await page.evaluate(() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done(globalThis.tops)));
  }));
  assert.ok(tops.length >= 1 && tops.length <= 2, tops.join());
});

test('it can be themed from outside', async () => {
  wigwag.set(42, callout());
  const { page } = await visit({ more: 'class="themed"' });
  await banner(page).waitFor();
  const style = await banner(page).evaluate((root) => {
    const { borderInlineStartColor, borderRadius, fontFamily } = getComputedStyle(root);
    return [borderInlineStartColor, borderRadius, fontFamily];
  });
  assert.deepEqual(style, ['rgb(0, 77, 64)', '0px', 'system-ui, sans-serif']);
});

for (const scheme of ['light', 'dark']) {
  test(`nobody is kept out, at any width: ${scheme}`, async () => {
    const within = await newContext(browser, { colorScheme: scheme, reducedMotion: 'reduce' });
    const { page } = await visit({ within });
    await listening(1);
    for (const [name, shown] of Object.entries({ danger: callout(), warning: paused })) {
      wigwag.set(42, shown);
      await page.getByText(shown.title).waitFor();
      for (const width of [1920, 1280, 375]) {
        await page.setViewportSize({ width, height: 500 });
        assert.equal(await overflow(page), 0, `${name} at ${width}`);
        assert.deepEqual(await seriousFindings(page), [], `${name} at ${width}`);
        await picture(page, `callout-${name}-${scheme}-${width}`);
      }
    }
    await within.close();
  });
}

test('the theme attribute wins over the system', async () => {
  wigwag.set(42, callout());
  const { page } = await visit({ more: 'theme="dark"' });
  await banner(page).waitFor();
  const background = () => banner(page).evaluate((root) => getComputedStyle(root).backgroundColor);
  const dark = await background();
  await page.locator('wigwag-callout').evaluate((host) => host.setAttribute('theme', 'light'));
  assert.notEqual(await background(), dark);
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await background(), dark);
});

test('long names wrap, in either direction of writing', async () => {
  platform.document = 'dir="rtl"';
  wigwag.set(42, callout({ title: 'T'.repeat(300), text: `“${'hook-'.repeat(80)}” ${'x'.repeat(400)}` }));
  const { page } = await visit();
  await banner(page).waitFor();
  await page.setViewportSize({ width: 375, height: 700 });
  assert.equal(await overflow(page), 0);
  const [close, icon] = await Promise.all([dismiss(page).boundingBox(), page.getByRole('img').boundingBox()]);
  assert.ok(close.x < icon.x, 'mirrored');
  assert.ok(close.width >= 24 && close.height >= 24);
  await picture(page, 'callout-rtl-375');
});
