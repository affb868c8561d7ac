// What holds for every page: it can be read in light and dark, on a telephone and on a wide screen, by a screen reader.
import assert from 'node:assert/strict';
import { seriousFindings } from './axe.mjs';
import { overflow, picture } from './browser.mjs';

const LOOKS = [['light', 1280], ['dark', 1280], ['light', 375], ['dark', 375], ['light', 1920]];
/** Colours depend on light and dark, everything else on the width: these two hold every rule against both of each. */
const JUDGED = new Set(['light 1280', 'dark 375']);

/** Signs in by password and waits for the overview. */
export async function signIn(page, gallery, username = 'root') {
  await page.goto(`${gallery.url}/-/login`);
  await page.getByLabel('Username or e-mail').fill(username);
  await page.getByLabel('Password').fill(gallery.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${gallery.url}/`);
}

/** Looks at the present page in every way, and keeps a picture of each if pictures are wanted. */
export async function isReadable(page, name) {
  for (const [scheme, width] of LOOKS) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 860 });
    assert.equal(await overflow(page), 0, `${name} scrolls sideways at ${width}`);
    if (JUDGED.has(`${scheme} ${width}`)) assert.deepEqual(await seriousFindings(page), [], `${name}, ${scheme}, ${width}`);
    await picture(page, `pages-${name}-${width}-${scheme}`);
  }
}
