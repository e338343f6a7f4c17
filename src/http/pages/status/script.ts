/**
 * What the status page does more where scripts run: it keeps itself up to date, filters as one types, copies, and probes in place. Without
 * it every link and form does the same by loading a page.
 */
export const SCRIPT = `
const EVERY_MS = 10000;
const main = () => document.querySelector('main');
// Told aloud only when it changes: not every ten seconds.
function tell(text, when) {
  const live = document.querySelector('.live');
  if (live.textContent !== text) live.textContent = text;
  document.querySelector('.when').textContent = when;
}
let asked = 0;
async function refresh(url) {
  const mine = ++asked;
  const answer = await fetch(url, { headers: { accept: 'text/html' } });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (mine !== asked) return;
  const open = new Set([...document.querySelectorAll('main details[open][id]')].map((one) => one.id));
  const focused = document.activeElement?.id;
  for (const one of page.querySelectorAll('main details[id]')) if (open.has(one.id)) one.open = true;
  main().replaceWith(page.querySelector('main'));
  document.title = page.title;
  document.querySelector('.summary').textContent = page.querySelector('.summary').textContent;
  if (focused) document.getElementById(focused)?.focus();
  tell('Live', new Date().toLocaleTimeString());
}
async function tick() {
  try {
    if (!document.hidden) await refresh(location.href);
  } catch {
    tell('Not live: the exporter does not answer', '');
  }
  setTimeout(tick, EVERY_MS);
}
tell('Live', '');
setTimeout(tick, EVERY_MS);
document.addEventListener('visibilitychange', () => document.hidden || refresh(location.href).catch(() => {}));
const filter = document.querySelector('form.filter');
let typing;
filter?.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const wanted = [...new FormData(filter)].filter(([, value]) => value !== '');
    const url = location.pathname + '?' + new URLSearchParams(wanted);
    history.replaceState(null, '', url);
    refresh(url).catch(() => {});
  }, 250);
});
document.addEventListener('click', async (event) => {
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    const text = document.getElementById(copy.dataset.copy).textContent;
    await navigator.clipboard.writeText(text).then(() => { copy.textContent = 'Copied'; }, () => getSelection().selectAllChildren(document.getElementById(copy.dataset.copy)));
    return;
  }
  const probe = event.target.closest('a.probe');
  if (!probe || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  probe.setAttribute('aria-busy', 'true');
  const answer = await fetch(probe.href).then((one) => one.text(), () => 'the exporter does not answer');
  probe.removeAttribute('aria-busy');
  const dialog = document.querySelector('dialog');
  dialog.onclose = () => document.getElementById(probe.id)?.focus();
  dialog.querySelector('pre').textContent = answer;
  dialog.showModal();
  refresh(location.href).catch(() => {});
});
`;
