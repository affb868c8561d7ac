// Chromium as the tests use it: found by CHROMIUM, nothing fetched, and everything that a page complains about kept.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page that says nothing for this long has failed its test. */
export const PATIENCE_MS = 10_000;

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ARGUMENTS });

/** A browser profile of its own; `options` are Playwright's. */
export async function newContext(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  return context;
}

/** A page, and what went wrong on it: `complaints` in order, as `error: text`, `warning: text` or `csp: directive uri`. */
export async function newPage(context) {
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  await page.exposeFunction('keepViolation', (violation) => complaints.push(`csp: ${violation}`));
  await page.addInitScript(() =>
    addEventListener('securitypolicyviolation', (event) =>
      globalThis.keepViolation(`${event.effectiveDirective} ${event.blockedURI}`)),
  );
  return { page, complaints };
}

/** What the browser itself writes when an address does not answer; no page can keep it from doing so. */
export const isNetworkNote = (complaint) => complaint.startsWith('error: Failed to load resource: ');

/** Keeps a picture in the folder WIGWAG_SCREENSHOTS, if it is set. */
export async function picture(page, name) {
  const folder = process.env.WIGWAG_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** How far the page can be scrolled sideways, in CSS pixels: 0 where nothing overflows. */
export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
