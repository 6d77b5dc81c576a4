// Keeps a server-made page fresh: fetches it again when told (or every few seconds) and swaps what changed.

const me = document.querySelector('script[src$="/live.js"]');
const news = document.getElementById("nieuws");
let busy = false;
let again = false;

function inUse(region) {
  const filled = [...region.querySelectorAll("textarea, input:not([type=hidden])")].some(
    (input) => input.value !== input.defaultValue,
  );
  return filled || region.contains(document.activeElement) || region.querySelector("details[open]");
}

function swapMap(region, fresh) {
  const [old, now] = [region, fresh].map((place) => place.querySelector("#kaart-gegevens"));
  if (!old || !now || old.textContent === now.textContent) return false;
  old.textContent = now.textContent;
  document.dispatchEvent(new CustomEvent("bart:map", { detail: JSON.parse(now.textContent) }));
  return true;
}

function keepPlace(region, html) {
  const link = region.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  region.innerHTML = html;
  if (link) [...region.querySelectorAll("a")].find((a) => a.getAttribute("href") === link)?.focus();
}

function swap(page) {
  let changed = false;
  for (const region of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${region.dataset.live}"]`);
    if (!fresh) continue;
    if (region.dataset.live === "kaart") {
      changed = swapMap(region, fresh) || changed;
    } else if (fresh.innerHTML.trim() !== (region.served ?? region.innerHTML).trim()) {
      if (region.dataset.live === "doen" && inUse(region)) continue;
      region.served = fresh.innerHTML;
      keepPlace(region, fresh.innerHTML);
      changed = true;
    }
  }
  return changed;
}

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const here = new URL(location.href);
    here.searchParams.delete("gedaan");
    const answer = await fetch(here, { credentials: "same-origin" });
    if (answer.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (swap(page) && news) news.textContent = me.dataset.told;
    }
  } catch {
    // No connection: the next event or tick tries again.
  }
  busy = false;
  if (again) {
    again = false;
    refresh();
  }
}

function listen() {
  const events = new EventSource(me.dataset.events);
  let opened = false;
  events.addEventListener("open", () => {
    if (opened) refresh();
    opened = true;
  });
  events.addEventListener("case", (event) => {
    const { reference } = JSON.parse(event.data);
    if (!me.dataset.only || me.dataset.only === reference) refresh();
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
}

if (me.dataset.events) listen();
if (me.dataset.every) {
  setInterval(() => document.visibilityState === "visible" && refresh(), me.dataset.every * 1000);
}
