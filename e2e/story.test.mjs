// The whole story of `wigwag demo` in Chromium, by clicking: real server, real receiver, killed twice on the way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seriousFindings } from './lib/axe.mjs';
import { launch, newContext, newPage, overflow, picture } from './lib/browser.mjs';
import { Demo, until } from './lib/demo.mjs';

/** The promise: this long after a change of health the banner is there, or gone. */
const BANNER_MS = 1_000;
/** From the first failure to the last pause's end. */
const DISABLED_MS = 60_000;
/** A part that takes longer hangs; it is named then, instead of the whole file. */
const PART_MS = 90_000;

let demo, browser, mara, remi, complaints;
/** When each banner came and went: {who, path, at, open}. */
const banners = [];

before(async () => {
  demo = await (await Demo.make()).start();
  browser = await launch();
  mara = await visitor('mara');
  remi = await visitor('remi');
}, { timeout: PART_MS });
after(async () => {
  await demo?.remove();
  await browser?.close();
}, { timeout: PART_MS });

async function visitor(who) {
  const context = await newContext(browser);
  await context.exposeFunction('bannerMoved', (path, at, open) => banners.push({ who, path, at, open }));
  await context.addInitScript(() => {
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        if (target.localName !== 'wigwag-callout') continue;
        globalThis.bannerMoved(location.pathname, Date.now(), target.hasAttribute('open'));
      }
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ['open'] });
  });
  const made = await newPage(context);
  if (who === 'mara') complaints = made.complaints;
  await made.page.goto(demo.url);
  if (who === 'remi') await made.page.getByRole('button', { name: 'Remi reporter' }).click();
  return made.page;
}

const banner = (page) => page.locator('wigwag-callout');
const shows = (page, within_ms = 5_000) => banner(page).getByRole('alert').waitFor({ timeout: within_ms });
const showsNot = (page) => banner(page).getByRole('alert').waitFor({ state: 'hidden', timeout: 5_000 });

async function chapter(title) {
  const details = mara.locator('details', { has: mara.locator('summary', { hasText: title }) });
  if (!(await details.evaluate((element) => element.open))) {
    const ahead = !(await details.locator('summary').isVisible());
    assert.ok(!ahead, `${title} can be opened`);
    await details.locator('summary').click();
  }
  return details;
}

/** Waits until the chapter is ticked. */
const done = (title, within_ms = 10_000) =>
  mara.locator('li.chapter[data-state=done] summary', { hasText: title }).waitFor({ timeout: within_ms });

const press = async (title, name) => (await chapter(title)).getByRole('button', { name }).click();

/** The newest time at which the banner of `path` came or went for `who`. */
const moved = (who, path, open) =>
  until(`the banner on ${path} to be ${open ? 'there' : 'gone'}`, () => {
    const newest = banners.filter((move) => move.who === who && move.path === path).at(-1);
    return newest?.open === open && newest.at;
  });

async function isAccessible(page, name) {
  for (const [scheme, width] of [['light', 1280], ['dark', 1280], ['light', 375], ['dark', 375]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: width === 375 ? 812 : 860 });
    assert.equal(await overflow(page), 0, `${name} scrolls sideways at ${width}`);
    assert.deepEqual(await seriousFindings(page), [], `${name}, ${scheme}, ${width}`);
    await picture(page, `story-${name}-${width}-${scheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 860 });
}

/** A part of the story; after one that failed, the next have nothing to stand on. */
let failed;
const part = (name, run) =>
  test(name, { timeout: PART_MS }, async () => {
    assert.equal(failed, undefined, 'an earlier part failed');
    failed = name;
    try {
      await run();
    } catch (error) {
      await picture(mara, 'story-failed');
      throw error;
    }
    failed = undefined;
  });

part('1 to 3: events are delivered, a receiver breaks, its hook is paused', async () => {
  await done('Events are delivered');
  await press('A receiver breaks', "Break Lighthouse's receiver");
  await done('A receiver breaks');
  await done('The hook is paused');
  assert.equal((await demo.hook('lighthouse')).alert_status, 'temporarily_disabled');
  assert.equal(banners.length, 0, 'nobody is told while the flag is off');
});

part('4: a flag brings the banner, to the right person on the right page', async () => {
  const details = await chapter('A flag brings the banner');
  await details.getByRole('button', { name: 'Run' }).click();
  await shows(mara);
  await done('A flag brings the banner');
  assert.match(await details.locator('.exchange').last().innerText(), /production: off -> conditional/);
  await isAccessible(mara, 'banner');
});

part('killed in the middle, it goes on where it was', async () => {
  const before = await demo.published('ferry');
  await demo.kill();
  await mara.getByText('The demo does not answer').waitFor();
  await demo.start();
  await mara.getByText('The demo does not answer').waitFor({ state: 'hidden' });
  await until('new events', async () => (await demo.published('ferry')).size > before.size + 2);
  await shows(mara);
  assert.equal(await mara.locator('li.chapter[data-state=done]').count(), 4);
});

part('5: nobody else sees it', async () => {
  await press('The right person', 'Look at Lighthouse as Remi');
  await mara.getByRole('button', { name: 'Remi reporter', pressed: true }).waitFor();
  await showsNot(mara);
  await press('The right person', 'Look at Ferry as Mara');
  await mara.getByRole('heading', { name: 'Ferry', exact: true }).waitFor();
  await showsNot(mara);
  await done('The right person');
  await press('The right person', "Look at Lighthouse's hooks as Mara");
  await mara.getByRole('heading', { name: 'Hooks of Lighthouse' }).waitFor();
  await mara.locator('[data-state-of="mark.quiet"][data-state=done]').waitFor({ state: 'attached' });
  await showsNot(mara);
  await isAccessible(mara, 'hooks');
  assert.deepEqual(await demo.callouts('lighthouse', 'remi'), []);
});

part('6: closed on one project it stays on the other, and it came within a second', async () => {
  const details = await chapter('Closed here, open there');
  await details.getByRole('button', { name: 'Run' }).click();
  await mara.locator('[data-state-of="ferry.flag"][data-state=on]').waitFor();
  await press('Closed here, open there', 'Look at Ferry as Mara');
  await mara.getByRole('heading', { name: 'Ferry', exact: true }).waitFor();
  await press('Closed here, open there', "Break Ferry's receiver");
  const seen = await moved('mara', '/harbor/ferry', true);
  const [callout] = await demo.callouts('ferry', 'mara');
  const since = Date.parse(callout.hooks[0].since);
  assert.ok(seen - since < BANNER_MS, `the banner came ${seen - since} ms after the transition`);
  await mara.locator('[data-state-of="mark.on-both"][data-state=done]').waitFor({ state: 'attached' });

  await banner(mara).getByRole('button', { name: 'Dismiss' }).click();
  await showsNot(mara);
  assert.equal((await demo.callouts('lighthouse', 'mara')).length, 1, 'it stays on the other project');
  await done('Closed here, open there');
});

part('7: mended, enabled by way of the banner, it goes within a second', async () => {
  await press('Mend it', 'Look at Lighthouse as Mara');
  await mara.getByRole('heading', { name: 'Lighthouse', exact: true }).waitFor();
  await until('Lighthouse to be disabled', async () => (await demo.hook('lighthouse')).health === 'disabled', DISABLED_MS);
  await shows(mara);
  await press('Mend it', "Mend Lighthouse's receiver");
  await mara.locator('[data-state-of="mark.mended"][data-state=done]').waitFor({ state: 'attached' });
  assert.equal((await demo.hook('lighthouse')).health, 'disabled', 'nobody calls a disabled hook');

  const [hookPage] = await Promise.all([
    mara.context().waitForEvent('page'),
    banner(mara).getByRole('button', { name: 'See what failed' }).click(),
  ]);
  await hookPage.getByRole('heading', { name: "Keeper's log" }).waitFor();
  await picture(hookPage, 'story-hook-page-1280-light');
  const recovered = until('recovery', async () => (await demo.hook('lighthouse')).health === 'healthy' && Date.now());
  await hookPage.getByRole('button', { name: 'Enable now' }).click();
  await mara.bringToFront();
  const [gone, healthy] = [await moved('mara', '/harbor/lighthouse', false), await recovered];
  assert.ok(gone - healthy < BANNER_MS, `the banner went ${gone - healthy} ms after the recovery`);
  await hookPage.close();
  await done('Mend it');
});

part('8: killed while it catches up, nothing was lost', async () => {
  await demo.kill();
  await demo.start();
  await done('Nothing was lost');
});

part('9: one command takes it back', async () => {
  await press('One command takes it back', 'Look at Ferry as Mara');
  await mara.getByRole('heading', { name: 'Ferry', exact: true }).waitFor();
  await shows(mara, DISABLED_MS);
  await press('One command takes it back', 'Run');
  await moved('mara', '/harbor/ferry', false);
  await done('One command takes it back');
});

part('10: every event arrived, under one id', async () => {
  await press('Every event arrived', "Mend Ferry's receiver");
  await press('Every event arrived', "Look at Ferry's hooks as Mara");
  const [hookPage] = await Promise.all([
    mara.context().waitForEvent('page'),
    mara.getByRole('button', { name: 'Open the hook in Wigwag' }).click(),
  ]);
  await hookPage.getByRole('heading', { name: 'Ticket office' }).waitFor();
  const enable = hookPage.getByRole('button', { name: 'Enable now' });
  if (await enable.isVisible()) await enable.click();
  // A tab that is closed while its form is being sent may neither send it nor close.
  await enable.waitFor({ state: 'hidden' });
  await hookPage.close();
  await mara.bringToFront();
  await done('Every event arrived', 30_000);
  await mara.getByText('That was all of it').waitFor();
  await isAccessible(mara, 'end');

  for (const project of ['lighthouse', 'ferry']) {
    const published = await demo.published(project);
    const ids = await until(`all events of ${project}`, () => idsOf(project, published));
    assert.ok(published.size > 20, 'the story is long');
    for (const [key, messages] of ids) assert.equal(messages.size, 1, `${key} came under ${[...messages]}`);
    assert.equal(new Set([...ids.values()].flatMap((messages) => [...messages])).size, ids.size, 'no id is shared');
  }
  assert.ok((await demo.ledger()).every(({ signature }) => signature === 'verified'));
});

part('without script every button works, and the story can be played again', async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(demo.url);
  const receiver = (state) => page.locator(`[data-state-of="ferry.receiver"][data-state=${state}]`).waitFor({ state: 'attached' });
  await page.getByRole('button', { name: "Break Ferry's receiver" }).click();
  await receiver('broken');
  await page.locator('summary', { hasText: 'A flag brings the banner' }).click();
  await page.locator('details[open]').getByRole('textbox', { name: 'Console' }).fill('feature get webhooks_failed_calout');
  await page.locator('details[open]').getByRole('button', { name: 'Run' }).click();
  await page.locator('details[open] .exchange.refused', { hasText: 'webhooks_failed_callout' }).waitFor();
  await page.getByRole('button', { name: 'Play it again' }).click();
  await receiver('works');
  await page.locator('li.chapter[data-state=current]', { hasText: 'A receiver breaks' }).waitFor();
  await context.close();
});

/** The ids under which each published event arrived, once all did; nothing arrives that was not published. */
async function idsOf(project, published) {
  const drafted = new Set((await demo.lines(`platform/${project}.outbox`)).map(({ key }) => key));
  const taken = (await demo.ledger()).filter(({ service, answered, key }) => service === project && answered === 200 && key);
  const ids = new Map();
  for (const { key, webhook_id } of taken) {
    assert.ok(drafted.has(key), `${key} was never published`);
    ids.set(key, (ids.get(key) ?? new Set()).add(webhook_id));
  }
  return [...published].every((key) => ids.has(key)) && ids;
}

part('the reporter saw nothing all the while, and no page complained', async () => {
  assert.deepEqual(banners.filter(({ who }) => who === 'remi'), []);
  await remi.getByRole('button', { name: 'Remi reporter', pressed: true }).waitFor();
  const grave = complaints.filter((complaint) => !/Failed to load resource|ERR_CONNECTION_REFUSED/.test(complaint));
  assert.deepEqual(grave, []);
  assert.equal(await demo.stop(), 0, 'Ctrl-C ends it well');
});
