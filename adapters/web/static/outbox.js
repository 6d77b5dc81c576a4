// What was said or pressed but not yet acknowledged. Survives a reload; sends in order until it is acknowledged.

const WAITS = [1000, 2000, 4000, 8000, 15000];

export function freshId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

function bytesOf(dataUrl) {
  const raw = atob(dataUrl.slice(dataUrl.indexOf(",") + 1));
  return new Blob([Uint8Array.from(raw, (c) => c.charCodeAt(0))], { type: "image/jpeg" });
}

export class Outbox {
  constructor(room, api, onChange) {
    this.place = `bart.outbox.${room}`;
    this.api = api;
    this.onChange = onChange;
    this.tries = 0;
    this.running = false;
    try {
      this.items = JSON.parse(sessionStorage.getItem(this.place)) || [];
    } catch {
      this.items = [];
    }
    addEventListener("online", () => this.run(true));
  }

  of(resident) {
    return this.items.filter((item) => item.resident === resident);
  }

  add(item) {
    this.items.push({ ...item, state: "sending" });
    this.keep();
    this.run();
  }

  retry(id) {
    const item = this.items.find((one) => one.body.client_id === id);
    if (item) item.state = "sending";
    this.keep();
    this.run(true);
  }

  drop(id) {
    this.items = this.items.filter((one) => one.body.client_id !== id);
    this.keep();
  }

  keep() {
    try {
      sessionStorage.setItem(this.place, JSON.stringify(this.items));
    } catch {
      // A photo too large for the browser's store stays in memory: it is sent all the same.
    }
    this.onChange();
  }

  async run(now = false) {
    if (now) {
      clearTimeout(this.timer);
      this.timer = null;
    }
    if (this.running || this.timer) return;
    this.running = true;
    let item;
    while ((item = this.items.find((one) => one.state !== "failed"))) {
      const done = await this.deliver(item);
      if (!done) break;
      this.tries = 0;
    }
    this.running = false;
    if (item) {
      const wait = WAITS[Math.min(this.tries, WAITS.length - 1)];
      this.tries += 1;
      this.timer = setTimeout(() => this.run(true), wait);
    }
  }

  async deliver(item) {
    let answer;
    try {
      answer = await this.post(item);
    } catch {
      return this.wait(item);
    }
    if (answer.ok) {
      this.drop(item.body.client_id);
      return true;
    }
    if (answer.status >= 500 || answer.status === 429) return this.wait(item);
    const told = await answer.json().catch(() => ({}));
    item.state = "failed";
    item.problem = told.what || "";
    this.keep();
    return true;
  }

  wait(item) {
    item.state = "waiting";
    this.keep();
    return false;
  }

  post(item) {
    const url = `${this.api}/${encodeURIComponent(item.resident)}/${item.kind}`;
    const options = { method: "POST", credentials: "same-origin" };
    if (!item.photo) {
      return fetch(url, {
        ...options,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(item.body),
      });
    }
    const form = new FormData();
    form.append("message", JSON.stringify(item.body));
    form.append("photo", bytesOf(item.photo), "foto.jpg");
    return fetch(url, { ...options, headers: { "X-BART": "1" }, body: form });
  }
}
