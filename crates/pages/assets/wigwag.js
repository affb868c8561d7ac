// What script adds to pages that work without it: local times, copying, keys.

const tellLocally = (time) => {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) {
    time.title = `${at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })} (${time.title})`;
  }
};
document.querySelectorAll('time[datetime]').forEach(tellLocally);

if (navigator.clipboard) {
  for (const place of document.querySelectorAll('[data-copy]')) {
    const text = place.dataset.copy || place.textContent;
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'copy', textContent: 'Copy' });
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Not copied';
      }
      setTimeout(() => { button.textContent = 'Copy'; }, 2_000);
    });
    if (place.matches('pre')) place.prepend(button);
    else place.after(button);
  }
}

// Keys: g and a letter go somewhere, / searches, ? lists them. Never while something is typed.
const links = new Map([...document.querySelectorAll('a[data-key]')].map((link) => [link.dataset.key, link]));
const typing = (target) => target.closest?.('input, select, textarea, [contenteditable]');
const search = document.querySelector('input[data-search]');
let waitsUntil = 0;

const list = () => {
  const dialog = document.createElement('dialog');
  dialog.className = 'keys';
  dialog.setAttribute('aria-label', 'Keys');
  const entries = document.createElement('dl');
  for (const [keys, what] of [...[...links].map(([key, link]) => [`g ${key}`, link.textContent]), ...(search ? [['/', 'Search']] : []), ['?', 'This list']]) {
    const [term, detail] = [document.createElement('dt'), document.createElement('dd')];
    for (const key of keys.split(' ')) term.append(Object.assign(document.createElement('kbd'), { textContent: key }), ' ');
    detail.textContent = what;
    entries.append(term, detail);
  }
  const close = Object.assign(document.createElement('button'), { className: 'button', textContent: 'Close' });
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  dialog.append(entries, close);
  document.body.append(dialog);
  dialog.showModal();
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === 'g') {
    waitsUntil = event.timeStamp + 1_500;
    return;
  }
  if (event.timeStamp < waitsUntil && links.has(event.key)) {
    event.preventDefault();
    links.get(event.key).click();
  } else if (event.key === '/' && search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === '?' && !document.querySelector('dialog[open]')) {
    event.preventDefault();
    list();
  }
  waitsUntil = 0;
});
