// Asks the service: one request in flight, the newest wish alone is answered, and a late answer is never painted.
const SPACING = 120; // ms between two beginnings: 500 a minute, of the 600 that a client may make

export class Problem extends Error {}

export class Turn {
  #stop = new AbortController();
  #timer = 0;
  #begun = -SPACING;

  constructor(failed) {
    this.failed = failed;
  }

  take(work, delay = 0) {
    this.#stop.abort();
    clearTimeout(this.#timer);
    const stop = (this.#stop = new AbortController());
    const wait = Math.max(delay, this.#begun + SPACING - performance.now());
    this.#timer = setTimeout(async () => {
      this.#begun = performance.now();
      try {
        await work(stop.signal);
      } catch (error) {
        if (!stop.signal.aborted) this.failed(error);
      }
    }, wait);
  }
}

export class Service {
  key = "";

  constructor(waits) {
    this.waits = waits;
  }

  async json(path, body, signal) {
    const answer = await this.#ask(path, JSON.stringify(body), "application/json", signal);
    return this.#read(answer, "json", signal);
  }

  async page(path, fields, signal) {
    const body = new URLSearchParams(fields);
    const answer = await this.#ask(path, body.toString(), "application/x-www-form-urlencoded", signal);
    return new DOMParser().parseFromString(await this.#read(answer, "text", signal), "text/html");
  }

  async #ask(path, body, type, signal) {
    const headers = { "Content-Type": type, ...(this.key && { Authorization: `Bearer ${this.key}` }) };
    for (;;) {
      const answer = await fetch(path, { method: "POST", body, headers, signal, credentials: "omit" });
      const seconds = Number(answer.headers.get("Retry-After"));
      signal.throwIfAborted();
      if (![429, 503].includes(answer.status) || !(seconds >= 0)) return answer;
      this.waits(seconds);
      await new Promise((go) => setTimeout(go, 1000 * Math.max(seconds, 1)));
      this.waits(0);
      signal.throwIfAborted();
    }
  }

  async #read(answer, form, signal) {
    const isPage = answer.headers.get("Content-Type")?.startsWith("text/html");
    const found = answer.ok || isPage ? await answer[form]() : await answer.json();
    signal.throwIfAborted();
    if (!answer.ok && !isPage) throw new Problem(found.detail);
    return found;
  }
}
