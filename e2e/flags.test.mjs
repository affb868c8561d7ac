// The flag pages in Chromium: readable by everybody in every state, by keyboard alone, and without script from the first
// look at a flag to taking a change back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isNetworkNote, launch, newContext, newPage } from './lib/browser.mjs';
import { Gallery } from './lib/gallery.mjs';
import { isReadable, signIn } from './lib/readable.mjs';

/** A test that takes longer hangs. */
const LIMIT = { timeout: 180_000 };
const CHECKOUT = '/-/flags/one_click_checkout';
const LONG = 'a_rather_long_name_of_a_flag_that_somebody_thought_would_tell_everything_that_there_is_to_know_about_it';

/** Name, address, and what its heading says. */
const PAGES = [
  ['flags', '/-/flags', '12 flags'],
  ['flag', `${CHECKOUT}?actor=acme/shop+%40mara&in=production`, 'one_click_checkout'],
  ['flag-overridden', '/-/flags/new_basket', 'new_basket'],
  ['flag-past', '/-/flags/faster_search?actor=acme/nothing', 'faster_search'],
  ['flag-long', `/-/flags/${LONG}`, LONG],
  ['flag-change', `${CHECKOUT}/change`, 'Change one_click_checkout'],
  ['flag-preview', `${CHECKOUT}/change?environment=production&change=share&share=50&reason=go`, 'This is what would change'],
  ['flag-refused', '/-/flags/gift_cards/change?environment=dev&change=on&names=acme/quiet', 'This change is refused'],
  ['flag-impossible', `${CHECKOUT}/change?environment=production&change=on&names=acme/shoop`, 'This change cannot be made'],
  ['flag-wrong', `${CHECKOUT}/change?environment=production&change=share&share=101`, 'Change one_click_checkout'],
  ['audit', '/-/audit', /^\d+ changes$/],
  ['audit-verified', '/-/audit?verify=1', /^\d+ changes$/],
];

let gallery, browser;

before(async () => {
  gallery = await new Gallery().start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gallery?.stop();
});

test('every flag page is readable, and none complains', LIMIT, async () => {
  const { page, complaints } = await newPage(await newContext(browser));
  await signIn(page, gallery);
  for (const [name, path, heading] of PAGES) {
    await page.goto(gallery.url + path);
    await page.getByRole('heading', { level: 1, name: heading, exact: typeof heading === 'string' }).waitFor();
    await isReadable(page, name);
  }
  assert.deepEqual(complaints.filter((complaint) => !isNetworkNote(complaint)), []);
  await page.context().close();
});

test('without script a flag is found, tried, changed after a preview, turned off and taken back', LIMIT, async () => {
  const context = await newContext(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, gallery);
  await page.getByRole('link', { name: 'Flags', exact: true }).click();
  await page.getByLabel('Name, text or owner').fill('green');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('link', { name: 'green_button' }).click();
  await page.getByText('Off in dev and staging, on for the group staff in production.').waitFor();

  await page.getByLabel('Who asks').fill('acme/quiet');
  await page.getByRole('button', { name: 'Try' }).click();
  await page.getByText('Off because no gate is open.').waitFor();

  await page.getByRole('link', { name: 'Change in production' }).click();
  await page.getByRole('heading', { name: 'Change green_button' }).waitFor();
  await page.getByLabel('What', { exact: true }).selectOption('On for those named');
  await page.getByLabel('Whom: names').fill('acme/quiet, acme/shop');
  await page.getByLabel('Why, for the audit log').fill('they asked for it');
  await page.getByRole('button', { name: 'Show what would change' }).click();
  await page.getByText('This turns it on for 2 of 3 projects.').waitFor();
  await page.getByRole('button', { name: 'Make this change in production' }).click();
  await page.getByRole('status').getByText('Changed in production.').waitFor();
  await page.getByText('on for 2 projects and the group staff in production').waitFor();
  await page.getByText('they asked for it').waitFor();

  await page.getByRole('button', { name: 'Turn off in production' }).click();
  await page.getByRole('status').getByText('Turned off for everyone in production.').waitFor();
  await page.getByText('Off everywhere.').waitFor();
  await page.getByRole('button', { name: 'Take back the last change in production' }).click();
  await page.getByRole('status').getByText('Taken back in production').waitFor();
  await page.getByText('on for 2 projects and the group staff in production').waitFor();

  await page.getByRole('link', { name: 'Audit', exact: true }).click();
  await page.getByLabel('Flag', { exact: true }).fill('green_button');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('heading', { name: '4 changes' }).waitFor();
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByText('The log is whole.').waitFor();
  await context.close();
});

test('a change is not made to what somebody else changed meanwhile', LIMIT, async () => {
  const [ours, theirs] = [await newContext(browser), await newContext(browser)];
  const [page, other] = [await ours.newPage(), await theirs.newPage()];
  await signIn(page, gallery);
  await signIn(other, gallery);
  await page.goto(`${gallery.url}/-/flags/saved_cards/change?environment=staging&change=share&share=10`);
  await page.getByRole('button', { name: 'Make this change in staging' }).waitFor();
  await other.goto(`${gallery.url}/-/flags/saved_cards/change?environment=staging&change=false`);
  await other.getByRole('button', { name: 'Make this change in staging' }).click();
  await other.getByRole('status').getByText('Changed in staging.').waitFor();
  await page.getByRole('button', { name: 'Make this change in staging' }).click();
  await page.getByRole('alert').getByText('Nothing was changed').waitFor();
  await isReadable(page, 'flag-conflict');
  await other.reload();
  await other.getByText('Off in dev and staging, on in production.').waitFor();
  await ours.close();
  await theirs.close();
});

test('an override is told on every flag page until it is lifted', LIMIT, async () => {
  const { page } = await newPage(await newContext(browser));
  await signIn(page, gallery);
  await page.goto(`${gallery.url}/-/flags`);
  await page.getByText('Switched off on this node, whatever is stored').waitFor();
  await page.getByRole('link', { name: 'new_basket' }).first().click();
  await page.getByText('incident 4711').first().waitFor();
  await page.getByRole('button', { name: 'Lift the override' }).click();
  await page.getByRole('status').getByText('The override in staging is lifted').waitFor();
  await page.getByRole('region', { name: 'Override in staging' }).waitFor({ state: 'detached' });
  await page.context().close();
});

test('keys lead to flags, and fields that a change does not need are out of the way', LIMIT, async () => {
  const { page } = await newPage(await newContext(browser));
  await signIn(page, gallery);
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  await page.getByRole('heading', { name: '12 flags' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('checkout');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'one_click_checkout' }).waitFor();
  await page.goto(`${gallery.url}${CHECKOUT}/change`);
  const [names, share] = [page.getByLabel('Whom: names'), page.getByLabel('Share, in per cent')];
  await names.waitFor();
  await share.waitFor({ state: 'hidden' });
  await page.getByLabel('What', { exact: true }).selectOption('On for a share of actors');
  await share.waitFor();
  await names.waitFor({ state: 'hidden' });
  await page.getByLabel('What', { exact: true }).selectOption('Off for everyone');
  await share.waitFor({ state: 'hidden' });
  await page.context().close();
});

test('who may not read flags sees a clear page', LIMIT, async () => {
  const { page } = await newPage(await newContext(browser));
  await signIn(page, gallery, 'mara');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Console' }).waitFor();
  await page.getByRole('link', { name: 'Flags', exact: true }).waitFor({ state: 'detached' });
  await page.goto(`${gallery.url}${CHECKOUT}`);
  await page.getByRole('heading', { name: 'You may not do this' }).waitFor();
  await isReadable(page, 'flag-forbidden');
  await page.context().close();
});
