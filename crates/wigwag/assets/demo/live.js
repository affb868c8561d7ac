// Keeps what is on the page true: asks the platform for news and writes them where the page names them.
const NEWS_MS = 500;
const PATIENCE_MS = 3_000;
const news = document.body.dataset.live;
const trouble = document.querySelector('.trouble');

const each = (attribute, entries, write) => {
  for (const element of document.querySelectorAll(`[data-${attribute}]`)) {
    const value = entries[element.getAttribute(`data-${attribute}`)];
    if (value !== undefined) write(element, value);
  }
};

function tell({ texts, states, markup }) {
  each('text', texts, (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  });
  each('state-of', states, (element, state) => {
    if (element.dataset.state !== state) element.dataset.state = state;
  });
  each('markup', markup, (element, html) => {
    if (element.markup !== html) element.innerHTML = element.markup = html;
  });
}

let asking = false;
async function ask() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(news, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(String(answer.status));
    tell(await answer.json());
  } catch {
    trouble.textContent = 'The demo does not answer. Start it again with the same command: it goes on where it was.';
    trouble.dataset.state = 'some';
  } finally {
    asking = false;
  }
}

/** A form that changes something behind the scenes needs no other page. */
async function stay(event) {
  const form = event.target.closest('form[data-stay]');
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new URLSearchParams(new FormData(form, button));
  button.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' });
    if (answer.type !== 'opaqueredirect' && !answer.ok) throw new Error(await answer.text());
  } catch (error) {
    trouble.textContent = error.message;
    trouble.dataset.state = 'some';
  }
  button.removeAttribute('aria-busy');
  await ask();
}

function open(event) {
  const link = event.target.closest('a[data-open]');
  if (!link) return;
  event.preventDefault();
  const chapter = document.getElementById(link.dataset.open);
  chapter.open = true;
  chapter.querySelector('summary').focus();
}

if (news) {
  document.addEventListener('submit', stay);
  document.addEventListener('click', open);
  setInterval(() => document.visibilityState === 'visible' && ask(), NEWS_MS);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && ask());
}
document.querySelector('form[data-hand-over]')?.submit();
