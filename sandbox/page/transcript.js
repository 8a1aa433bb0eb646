// The messages of the chat that is open: only what changed is drawn anew, and nothing jumps under the reader's thumb.
import { entries } from "./messages.js";

const NEAR_END = 60; // pixels from the end within which the newest message is kept in sight

export class Transcript {
  constructor(phone) {
    Object.assign(this, { phone, list: phone.part("messages"), newest: phone.part("newest"), drawn: new Map(), stays: true });
    this.newest.addEventListener("click", () => this.toEnd());
    this.list.addEventListener("scroll", () => this.onScroll());
    new ResizeObserver(() => this.onResize()).observe(this.list);
  }

  clear() {
    this.drawn.clear();
    this.stays = true;
  }

  draw(chat, cards, toEnd) {
    const before = this.drawn;
    const wanted = entries(chat, cards, this.phone);
    this.drawn = new Map(wanted.map(({ key, sign, draw }) => {
      const old = before.get(key);
      return [key, old?.sign === sign ? old : { sign, element: draw() }];
    }));
    this.place([...this.drawn.values()].map(({ element }) => element));
    if (this.stays || toEnd) this.toEnd();
    else if (wanted.length > before.size) this.newest.hidden = false;
  }

  place(elements) {
    const hadFocus = this.list.contains(document.activeElement);
    const wanted = new Set(elements);
    for (const child of [...this.list.children]) if (!wanted.has(child)) child.remove();
    elements.forEach((element, at) => {
      if (this.list.children[at] !== element) this.list.insertBefore(element, this.list.children[at] ?? null);
    });
    if (hadFocus && !this.list.contains(document.activeElement)) this.list.focus({ preventScroll: true });
  }

  onScroll() {
    if (this.list.clientWidth !== this.width) return; // the window was resized, nobody scrolled
    this.stays = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END;
    this.newest.hidden ||= this.stays;
  }

  onResize() {
    this.width = this.list.clientWidth;
    if (this.stays) this.toEnd();
  }

  toEnd() {
    this.stays = true;
    this.list.scrollTop = this.list.scrollHeight;
    this.newest.hidden = true;
  }
}
