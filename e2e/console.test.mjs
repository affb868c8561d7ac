// The console's box in Chromium: it offers what could stand there, by keyboard and by pointer, and brings back what was
// run before.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, newContext, newPage } from './lib/browser.mjs';
import { Gallery } from './lib/gallery.mjs';
import { isReadable, signIn } from './lib/readable.mjs';

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

/** A console with nothing in it, and what is said on it. */
async function opened(context) {
  const { page, complaints } = await newPage(context);
  await signIn(page, gallery);
  await page.goto(`${gallery.url}/-/console`);
  const box = page.getByRole('combobox', { name: 'Command' });
  await box.waitFor();
  return { page, box, complaints, option: (name) => page.getByRole('option', { name }) };
}

test('a command is written with a few keys', LIMIT, async () => {
  const { page, box, complaints, option } = await opened(await newContext(browser));
  await box.pressSequentially('fea');
  await option('feature').waitFor();
  assert.equal(await box.getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('Tab');
  assert.equal(await box.inputValue(), 'feature ', 'the only one is taken');
  await option('get').first().waitFor();
  await page.keyboard.press('ArrowDown');
  const chosen = page.locator('[aria-selected=true]');
  assert.equal(await box.getAttribute('aria-activedescendant'), await chosen.getAttribute('id'));
  await isReadable(page, 'console-completions');
  await page.keyboard.press('Enter');
  assert.equal(await box.inputValue(), 'feature get ', 'Enter takes what is chosen and runs nothing');
  await box.pressSequentially('webhooks_f');
  await option('webhooks_failed_callout').waitFor();
  await page.keyboard.press('Tab');
  await box.pressSequentially('--stag');
  await option('--staging').first().waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('option').count(), 0);
  assert.equal(await box.getAttribute('aria-expanded'), 'false');
  await box.pressSequentially('ing');
  await page.keyboard.press('Enter');
  await page.locator('.reply code', { hasText: 'feature get webhooks_failed_callout --staging' }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('names are offered in the middle of a line, and taken by the pointer', LIMIT, async () => {
  const { page, box, option } = await opened(await newContext(browser));
  await box.fill('feature set webhooks_failed_callout true --project= --dev');
  const place = 'feature set webhooks_failed_callout true --project='.length;
  await box.evaluate((input, at) => input.setSelectionRange(at, at), place);
  await page.keyboard.type('acme/sh');
  await option('acme/shop').click();
  assert.equal(await box.inputValue(), 'feature set webhooks_failed_callout true --project=acme/shop --dev');
  const caret = await box.evaluate((input) => [input.selectionStart, document.activeElement === input]);
  assert.deepEqual(caret, [place + 'acme/shop'.length, true], 'one goes on where it was taken');
  await page.context().close();
});

test('what was run before comes back by the arrow keys', LIMIT, async () => {
  const { page, box } = await opened(await newContext(browser));
  for (const command of ['feature list', 'help feature get']) {
    await page.getByRole('combobox', { name: 'Command' }).fill(command);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.locator('.reply code', { hasText: command }).first().waitFor();
  }
  await box.focus();
  const after = async (key) => {
    await page.keyboard.press(key);
    return box.inputValue();
  };
  assert.equal(await after('ArrowUp'), 'help feature get');
  assert.equal(await after('ArrowUp'), 'feature list');
  assert.equal(await after('ArrowUp'), 'feature list', 'there is nothing older');
  assert.equal(await after('ArrowDown'), 'help feature get');
  assert.equal(await after('ArrowDown'), '', 'and back to what was being typed');
  await page.context().close();
});
