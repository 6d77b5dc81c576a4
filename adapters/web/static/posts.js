// Draws posts. Words of people and of BART only ever become text, never markup.

export function make(tag, facts = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (name === "class") made.className = value;
    else if (name === "on") for (const [event, call] of Object.entries(value)) made.addEventListener(event, call);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...inside.filter((part) => part !== null && part !== undefined && part !== ""));
  return made;
}

const fill = (text, name) => text.replace("{naam}", name);

export function plain(entry) {
  return entry.spans.map((span) => span.text).join("");
}

function clock(at, zone) {
  return new Date(at).toLocaleTimeString("nl-NL", { hour: "2-digit", minute: "2-digit", timeZone: zone });
}

function said(entry) {
  const box = make("p", { class: "said" });
  for (const span of entry.spans) box.append(span.strong ? make("strong", {}, span.text) : span.text);
  return box;
}

function meta(entry, words, zone) {
  return make(
    "p",
    { class: "meta" },
    entry.private ? make("span", { class: "lock" }, entry.by_bot ? words.private : words.private_mine) : null,
    entry.edited && !entry.deleted ? make("span", {}, entry.by_bot ? words.updated : words.edited) : null,
    make("time", { datetime: entry.at }, clock(entry.at, zone)),
  );
}

function quoted(entry, find, words) {
  if (!entry.reply_to) return null;
  const first = find(entry.reply_to);
  const text = !first ? words.gone_post : first.deleted ? words.deleted : plain(first).slice(0, 120) || words.photo_short;
  return make(
    "p",
    { class: "quoted" },
    first ? make("strong", {}, first.mine ? words.you : first.author) : null,
    make("span", {}, text),
  );
}

function choices(entry, doings, words) {
  if (!entry.choices.length || entry.deleted) return null;
  const list = make("ul", { class: "choices", "aria-label": "Kies" });
  entry.choices.forEach((choice, index) => {
    const button = make(
      "button",
      { type: "button", class: "choice", "data-key": choice.key, on: { click: () => doings.press(entry, choice.key) } },
      make("span", { class: "number", "aria-hidden": "true" }, String(index + 1)),
      choice.label,
    );
    if (doings.pressing(choice.key)) {
      button.setAttribute("aria-disabled", "true");
      button.append(make("span", { class: "busy" }, words.busy));
    }
    list.append(make("li", {}, button));
  });
  return list;
}

function acts(entry, doings, words) {
  if (entry.deleted) return null;
  const inside = [
    make("button", { type: "button", class: "quiet", on: { click: () => doings.reply(entry) } }, words.reply),
  ];
  if (entry.mine) {
    const wipe = make("button", { type: "button", class: "quiet" }, words.delete);
    wipe.addEventListener("click", () => {
      if (wipe.dataset.sure) doings.wipe(entry);
      wipe.dataset.sure = "1";
      wipe.textContent = words.sure;
    });
    inside.push(
      make("button", { type: "button", class: "quiet", on: { click: () => doings.edit(entry) } }, words.edit),
      wipe,
    );
  }
  return make(
    "details",
    { class: "acts" },
    make("summary", { "aria-label": words.more }, "⋯"),
    make("div", { class: "acts-box" }, ...inside),
  );
}

function link(entry) {
  if (!entry.link) return null;
  const away = !entry.link.startsWith("/");
  const facts = { href: entry.link, rel: away ? "noopener noreferrer" : null, target: away ? "_blank" : null };
  return make("p", { class: "more" }, make("a", facts, entry.link_label || entry.link));
}

// `follows`: the same person goes on. `answers`: what it replies to stands right above it.
export function draw(entry, { words, zone, find, doings, follows, answers }) {
  const kind = entry.by_bot ? "bot" : entry.mine ? "mine" : "other";
  const post = make("article", {
    class: `post ${kind}${entry.private ? " private" : ""}${follows ? " follows" : ""}`,
    "data-post": entry.post,
    tabindex: "-1",
  });
  const name = entry.mine ? words.you : entry.author;
  const head = make(
    "p",
    { class: entry.mine ? "unseen" : "author" },
    name,
    entry.by_bot ? make("span", { class: "tag" }, words.bot) : make("span", { class: "unseen" }, ": "),
  );
  const body = entry.deleted
    ? [make("p", { class: "said gone" }, words.deleted)]
    : [
        answers ? null : quoted(entry, find, words),
        entry.photo ? make("img", { src: entry.photo, class: "photo", alt: fill(words.photo, entry.author) }) : null,
        entry.spans.length ? said(entry) : null,
        link(entry),
      ];
  post.append(
    make("div", { class: "bubble" }, head, ...body.filter(Boolean), meta(entry, words, zone), choices(entry, doings, words) || ""),
    acts(entry, doings, words) || "",
  );
  return post;
}

export function drawPending(item, words, doings) {
  const text = item.body.text || (item.body.location ? words.location : "");
  const failed = item.state === "failed";
  const state = failed ? `${words.failed} ${item.problem || ""}` : words[item.state] || words.sending;
  const id = item.body.client_id;
  return make(
    "article",
    { class: `post mine pending${failed ? " failed" : ""}`, "data-client": id },
    make(
      "div",
      { class: "bubble" },
      item.photo ? make("img", { src: item.photo, class: "photo", alt: words.photo_short }) : null,
      text ? make("p", { class: "said" }, text) : null,
      make("p", { class: "meta" }, state),
      failed
        ? make(
            "p",
            { class: "choices" },
            make("button", { type: "button", class: "choice", on: { click: () => doings.retry(id) } }, words.again),
            make("button", { type: "button", class: "choice", on: { click: () => doings.discard(id) } }, words.discard),
          )
        : null,
    ),
  );
}
