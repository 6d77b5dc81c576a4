// The chat page: who you are, what the room says, and what you say.

import { Outbox, freshId } from "./outbox.js";
import { shrink } from "./photo.js";
import { placePicker } from "./place.js";
import { draw, drawPending, plain } from "./posts.js";

const byId = (id) => document.getElementById(id);
const { api, room, zone, words, photo_limit: photoLimit, map } = JSON.parse(byId("chat-gegevens").textContent);
const log = byId("berichten");
const text = byId("tekst");
const seats = [...document.querySelectorAll("input[name=bewoner]")];
const SEAT = `bart.resident.${room}`;
const TOASTS = `bart.toasts.${room}`;
const FOLLOWS_MS = 5 * 60 * 1000;
const TOAST_MS = 20 * 1000;

let entries = new Map();
let resident = null;
let events = null;
let last = "";
let about = null;
let photo = "";
let shownToast = sessionStorage.getItem(TOASTS) || "";
let toastEnds = 0;

const outbox = new Outbox(room, api, () => drawOutbox());

// What people can do with posts.

const doings = {
  press(entry, choice) {
    if (doings.pressing(choice)) return;
    hideToast();
    outbox.add({ kind: "presses", resident, body: { client_id: freshId(), choice } });
    redraw(entry.post);
  },
  pressing: (choice) =>
    outbox.of(resident).some((item) => item.kind === "presses" && item.state !== "failed" && item.body.choice === choice),
  reply(entry) {
    setAbout({ entry, editing: false });
    if (entry.private) byId("prive").checked = true;
  },
  edit(entry) {
    setAbout({ entry, editing: true });
    text.value = plain(entry);
    grow();
  },
  wipe: (entry) =>
    outbox.add({ kind: "messages", resident, body: { client_id: freshId(), edits: entry.post } }),
  retry: (id) => outbox.retry(id),
  discard: (id) => outbox.drop(id),
};

function setAbout(next) {
  about = next;
  for (const open of log.querySelectorAll(".acts[open]")) open.open = false;
  byId("bij").hidden = !next;
  if (!next) return;
  const name = next.entry.mine ? words.you : next.entry.author;
  byId("bij-tekst").textContent = next.editing ? words.editing : words.reply_to.replace("{naam}", name);
  text.focus();
}

// What the room shows.

let atBottom = true;

function toBottom() {
  log.scrollTop = log.scrollHeight;
  atBottom = true;
}

log.addEventListener("scroll", () => {
  atBottom = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
});
log.addEventListener("load", () => atBottom && toBottom(), true);
new ResizeObserver(() => atBottom && toBottom()).observe(log);

function node(post) {
  return log.querySelector(`[data-post="${CSS.escape(post)}"]`);
}

function drawn(entry, before) {
  const follows =
    before && !before.by_bot && !entry.by_bot && before.author === entry.author &&
    new Date(entry.at) - new Date(before.at) < FOLLOWS_MS;
  const answers = before?.post === entry.reply_to;
  return draw(entry, { words, zone, find: (post) => entries.get(post), doings, follows, answers });
}

function redraw(post) {
  const old = node(post);
  const entry = entries.get(post);
  if (!old || !entry) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const before = old.previousElementSibling?.dataset.post;
  const fresh = drawn(entry, before ? entries.get(before) : null);
  old.replaceWith(fresh);
  if (focused) {
    const key = focused.dataset.key;
    const same = key ? fresh.querySelector(`[data-key="${CSS.escape(key)}"]`) : null;
    (same || fresh).focus({ preventScroll: true });
  }
}

// Entries come in the order they changed; they are shown in the order they were said.
function place(entry) {
  const later = [...log.querySelectorAll("[data-post]")].find(
    (one) => new Date(entries.get(one.dataset.post).at) > new Date(entry.at),
  );
  const next = later || log.querySelector(".pending");
  const before = next ? next.previousElementSibling : log.lastElementChild;
  log.insertBefore(drawn(entry, before ? entries.get(before.dataset.post) : null), next || null);
}

function hideToast() {
  clearTimeout(toastEnds);
  byId("melding").replaceChildren();
}

function toast(entry, serial) {
  const [run, number] = serial.split(".");
  const [lastRun, lastNumber] = shownToast.split(".");
  if (run === lastRun && Number(number) <= Number(lastNumber)) return;
  shownToast = serial;
  sessionStorage.setItem(TOASTS, serial);
  const box = byId("melding");
  hideToast();
  toastEnds = setTimeout(() => box.contains(document.activeElement) || hideToast(), TOAST_MS);
  const line = document.createElement("p");
  line.textContent = plain(entry);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet";
  close.textContent = words.close;
  close.addEventListener("click", () => {
    hideToast();
    text.focus();
  });
  box.append(line, close);
}

function take(entry, serial) {
  if (entry.toast) {
    toast(entry, serial);
    return;
  }
  const stay = atBottom || (entry.mine && !entries.has(entry.post));
  const known = entries.has(entry.post);
  entries.set(entry.post, entry);
  if (entry.by_bot && entry.deleted) {
    node(entry.post)?.remove();
  } else if (known) {
    redraw(entry.post);
  } else {
    place(entry);
  }
  byId("leeg").hidden = Boolean(log.querySelector(".post"));
  drawOutbox();
  if (stay) toBottom();
}

function drawOutbox() {
  if (!resident) return;
  const stay = atBottom;
  for (const old of log.querySelectorAll(".pending")) old.remove();
  const mine = [...entries.values()].filter((entry) => entry.mine);
  for (const item of outbox.of(resident)) {
    if (item.kind !== "messages" || (item.body.edits && item.state !== "failed")) continue;
    const arrived = mine.some((entry) => !item.seen?.includes(entry.post) && !item.photo && plain(entry) === item.body.text);
    if (!arrived || item.state === "failed") log.append(drawPending(item, words, doings));
  }
  for (const button of log.querySelectorAll(".choice[aria-disabled]")) {
    if (!doings.pressing(button.dataset.key)) redraw(button.closest("[data-post]").dataset.post);
  }
  if (stay) toBottom();
}

// The connection.

function connect() {
  events?.close();
  const here = `${api}/${encodeURIComponent(resident)}/events?after=${encodeURIComponent(last)}`;
  const mine = new EventSource(here);
  events = mine;
  mine.addEventListener("open", () => (byId("verbinding").textContent = ""));
  mine.addEventListener("entry", (event) => {
    const run = last.split(".")[0];
    if (run && event.lastEventId.split(".")[0] !== run) {
      clear();
      byId("verbinding").textContent = words.restarted;
    }
    last = event.lastEventId;
    take(JSON.parse(event.data), last);
  });
  mine.addEventListener("error", () => {
    byId("verbinding").textContent = words.lost;
    if (mine.readyState === EventSource.CLOSED && mine === events) setTimeout(() => mine === events && connect(), 3000);
  });
}

function clear() {
  entries = new Map();
  log.replaceChildren();
  byId("leeg").hidden = false;
}

function sit(address) {
  if (address === resident) return;
  resident = address;
  sessionStorage.setItem(SEAT, address);
  for (const seat of seats) seat.checked = seat.value === address;
  last = "";
  setAbout(null);
  hideToast();
  atBottom = true;
  clear();
  drawOutbox();
  connect();
}

// Saying something.

function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight + 2, 160)}px`;
}

function setPhoto(dataUrl) {
  photo = dataUrl;
  byId("foto-bij").hidden = !dataUrl;
  if (dataUrl) byId("foto-beeld").src = dataUrl;
  byId("foto").value = "";
}

function say(extra = {}) {
  const words_ = text.value.trim();
  if (!words_ && !photo && !extra.location) return;
  const body = { client_id: freshId(), text: extra.location ? "" : words_, private: byId("prive").checked, ...extra };
  if (about) body[about.editing ? "edits" : "reply_to"] = about.entry.post;
  const seen = [...entries.values()].filter((entry) => entry.mine).map((entry) => entry.post);
  outbox.add({ kind: "messages", resident, body, photo: extra.location ? "" : photo, seen });
  if (!extra.location) {
    text.value = "";
    setPhoto("");
  }
  byId("prive").checked = false;
  setAbout(null);
  grow();
  toBottom();
}

async function choosePhoto(file) {
  if (!file) return;
  const problem = byId("schrijf-fout");
  if (file.size > photoLimit) {
    problem.textContent = words.big_photo;
    return;
  }
  try {
    setPhoto(await shrink(file));
    problem.textContent = "";
    text.focus();
  } catch {
    setPhoto("");
    problem.textContent = words.bad_photo;
  }
}

byId("schrijf").addEventListener("submit", (event) => {
  event.preventDefault();
  say();
});
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    say();
  }
  if (event.key === "Escape" && about) setAbout(null);
});
byId("bij-weg").addEventListener("click", () => {
  if (about?.editing) text.value = "";
  setAbout(null);
  text.focus();
});
byId("foto").addEventListener("change", (event) => choosePhoto(event.target.files[0]));
byId("foto-weg").addEventListener("click", () => setPhoto(""));
for (const seat of seats) seat.addEventListener("change", () => sit(seat.value));
placePicker(map, words, (location) => say({ location }));

if (matchMedia("(min-width: 60rem)").matches) byId("uitleg").open = true;
const before = sessionStorage.getItem(SEAT);
if (seats.length) sit(seats.some((seat) => seat.value === before) ? before : seats[0].value);
outbox.run();
