// Every page in Chromium: readable by everybody in light and dark, on a telephone and on a wide screen, by keyboard alone,
// and without script.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isNetworkNote, launch, newContext, newPage } from './lib/browser.mjs';
import { Gallery } from './lib/gallery.mjs';
import { isReadable, signIn } from './lib/readable.mjs';

/** Name, address, and what its heading says. */
const PAGES = [
  ['overview', '/', /^\d+ hooks fail/],
  ['projects', '/-/projects', /^3 projects in 1 group$/],
  ['project', '/acme/shop', /^\d of 5 hooks fail/],
  ['project-empty', '/acme/quiet', /^No hooks yet$/],
  ['group', '/acme', /^The hook works$/],
  ['hooks', '/-/hooks', /^\d+ hooks fail; [\d,]+ events? waits?\.$/],
  ['hooks-all', '/-/hooks?state=all', /^\d+ hooks fail/],
  ['system', '/-/system', /^The hook works$/],
  ['hook-disabled', '/acme/shop/-/hooks/1', /^Billing sync disabled$/],
  ['hook-healthy', '/acme/shop/-/hooks/2?since=1h&status=successful', /^Search index healthy$/],
  ['hook-paused', '/acme/shop/-/hooks/3', /^Warehouse paused$/],
  ['hook-off', '/acme/shop/-/hooks/5', /^Mail relay \(old\) switched off$/],
  ['hook-new', '/acme/quiet/-/hooks/new', /^Add a hook$/],
  ['hook-edit', '/acme/shop/-/hooks/1/edit', /^Edit Billing sync$/],
  ['hook-policy', '/acme/shop/-/hooks/1/policy?failures=own&threshold=2&first_pause_s=300&factor=2&max_pause_s=3600&permanent_at=5', /^What would another policy have done\?$/],
  ['hook-delete', '/acme/shop/-/hooks/1/delete', /^Delete Billing sync\?$/],
  ['hook-deliveries', '/acme/shop/-/hooks/1/deliveries', /^What became of the events for Billing sync$/],
  ['hook-replay', '/acme/shop/-/hooks/1/replay', /^(Send .+|Nothing to send) again to Billing sync\??$/],
  ['group-hook', 'GROUP', / healthy$/],
  ['group-hook-deliveries', 'GROUP/deliveries', /^What became of the events for /],
  ['group-hook-replay', 'GROUP/replay?state=delivered', /^Send .+ again to .+\?$/],
  ['attempt', '/acme/shop/-/hooks/1/attempts/', /^The .+ was answered 404 failed$/],
  ['console', '/-/console', /^Console$/],
  ['deployments', '/-/deployments', /^What runs where/],
  ['chat', '/-/chat', /^Chat$/],
  ['notices', '/-/notices', /^This server sends no mail yet$/],
  ['missing', '/acme/nothing', /^There is nothing here$/],
];
/** A test that takes longer hangs. */
const LIMIT = { timeout: 120_000 };

let gallery, browser;

before(async () => {
  gallery = await new Gallery().start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gallery?.stop();
});

test('before signing in, both login pages are readable', LIMIT, async () => {
  const { page, complaints } = await newPage(await newContext(browser));
  for (const [name, path] of [['login', '/-/login'], ['login-link', '/-/login/link/wig_none']]) {
    await page.goto(gallery.url + path);
    await isReadable(page, name);
  }
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('every page is readable, and none complains', LIMIT, async () => {
  const { page, complaints } = await newPage(await newContext(browser));
  await signIn(page, gallery);
  await page.goto(`${gallery.url}/acme/shop/-/hooks/1`);
  const attempt = await page.locator('table.log a').first().getAttribute('href');
  await page.goto(`${gallery.url}/acme`);
  const ofGroup = await page.locator('a[href^="/acme/-/hooks/"]:not([href$="/new"])').first().getAttribute('href');
  for (const [name, path, heading] of PAGES) {
    await page.goto(gallery.url + (name === 'attempt' ? attempt : path.replace('GROUP', ofGroup)));
    const [title] = await page.getByRole('heading', { level: 1 }).allInnerTexts();
    assert.match(title.replace(/\s+/g, ' ').trim(), heading, name);
    await isReadable(page, name);
  }
  assert.deepEqual(complaints.filter((complaint) => !isNetworkNote(complaint)), []);
  await page.context().close();
});

test('refusals and replies are readable', LIMIT, async () => {
  const { page } = await newPage(await newContext(browser));
  await signIn(page, gallery, 'mara');
  await page.goto(`${gallery.url}/acme/quiet`);
  await isReadable(page, 'hidden');
  await page.goto(`${gallery.url}/acme/shop/-/hooks/new`);
  await page.getByLabel('URL', { exact: true }).fill('http://10.0.0.1/');
  await page.getByRole('button', { name: 'Add the hook' }).click();
  await page.getByRole('alert').getByText('The URL is not one that requests may go to').waitFor();
  await isReadable(page, 'refused');
  await page.goto(`${gallery.url}/-/console`);
  for (const command of ['feature sett x', 'help', 'feature set webhooks_failed_callout true']) {
    await page.getByRole('combobox', { name: 'Command' }).fill(command);
    await page.keyboard.press('Enter');
    await page.locator('.reply code', { hasText: command }).first().waitFor();
    await isReadable(page, `reply-${command.split(' ')[0]}`);
  }
  await page.context().close();
});

test('the keyboard alone is enough', LIMIT, async () => {
  const { page } = await newPage(await newContext(browser));
  await signIn(page, gallery);
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  assert.ok(await skip.evaluate((link) => link === document.activeElement));
  assert.ok((await skip.boundingBox()).y >= 0, 'it shows when it has the focus');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.closest('main') !== null));
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid', 'where one is can be seen');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.getByRole('heading', { name: 'Console' }).waitFor();
  await page.getByRole('combobox', { name: 'Command' }).fill('g p ?');
  assert.equal(new URL(page.url()).pathname, '/-/console', 'what is typed is no shortcut');
  await page.context().close();
});

test('without script a hook is tested, turned off and on, and filtered', LIMIT, async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, gallery);
  await page.goto(`${gallery.url}/acme/shop/-/hooks/2`);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('heading', { name: 'The test was taken' }).waitFor();
  await page.getByRole('link', { name: 'Back to the hook' }).click();
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('status').getByText('The hook is off').waitFor();
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('status').getByText('The hook is on again').waitFor();
  await page.getByLabel('Outcome').selectOption('answered 4xx');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByText('No attempt fits this filter').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out').waitFor();
  await context.close();
});
