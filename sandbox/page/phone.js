// One phone: a user's chats, what comes in, and what its owner does.
import { Composer } from "./composer.js";
import { call, make } from "./sandbox.js";
import { askFor } from "./sheet.js";
import { Transcript } from "./transcript.js";

const TOAST_STAYS = 4000; // milliseconds

export class Phone {
  constructor(spec, { onUnread, onRing }) {
    Object.assign(this, { spec, onUnread, onRing, unread: 0, news: new Set(), chat: null });
    this.root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.transcript = new Transcript(this);
    this.composer = new Composer(this);
    for (const touched of ["pointerdown", "focusin"]) this.root.addEventListener(touched, () => this.read());
    this.part("start").addEventListener("click", () => this.act(this.chat.blocked ? "unblock" : "start"));
    this.part("block").addEventListener("click", () => this.act("block"));
  }

  part(name) {
    return this.root.querySelector(`.${name}`);
  }

  // What comes in.

  update(spec) {
    this.spec = spec;
    this.root.dataset.role = spec.role_hint;
    this.root.setAttribute("aria-label", spec.label);
    this.part("role").textContent = spec.label;
    fill(this.part("desk"), spec.actions, () => spec.actions.map((action) =>
      make("button", { textContent: action.label, onclick: () => askFor(action, this) })));
    this.show(spec.chats.find((chat) => isSame(chat, this.chat)) ?? spec.chats[0]);
  }

  show(chat) {
    const isOther = !isSame(chat, this.chat);
    if (isOther) this.transcript.clear();
    this.chat = chat;
    this.news.delete(keyOf(chat));
    this.showChats();
    const inGroup = chat.chat_id < 0;
    const silenced = !chat.started || chat.blocked;
    this.part("avatar").textContent = chat.title.slice(0, 1);
    this.part("chat-title").textContent = chat.title;
    this.part("chat-state").textContent = chat.blocked ? "blocked" : inGroup ? "group" : `@${chat.username}`;
    this.part("block").hidden = inGroup || silenced;
    this.part("composer").hidden = silenced;
    this.part("start").hidden = !silenced;
    this.part("start").textContent = chat.blocked ? "Unblock" : "Start";
    this.part("commands").hidden = !chat.commands.length;
    this.draw(isOther);
  }

  showChats() {
    const met = this.spec.chats.filter((each, place) => place === 0 || each.started || isSame(each, this.chat));
    const shown = met.map((each) => [each.title + (this.news.has(keyOf(each)) ? " ●" : ""), keyOf(each), isSame(each, this.chat)]);
    this.part("chats").hidden = shown.length < 2;
    fill(this.part("chats"), shown, () => shown.map(([title, key, isOpen]) => make("button", {
      textContent: title, onclick: () => this.show(this.chatOf(key)), "aria-pressed": String(isOpen),
    })));
  }

  chatOf(key) {
    return this.spec.chats.find((chat) => keyOf(chat) === key);
  }

  heed(kind, { token, chat_id: chatId, content, silent }) {
    const chat = this.chatOf(keyOf({ token, chat_id: chatId }));
    if (!chat) return;
    const place = chat.messages.findIndex((message) => message.message_id === content.message_id);
    if (kind === "deleted") chat.messages.splice(place, place < 0 ? 0 : 1);
    else if (place >= 0) chat.messages[place] = content;
    else chat.messages.push(content);
    if (chat === this.chat) this.draw(kind === "message" && this.isOwn(content));
    if (kind === "message" && !this.isOwn(content)) this.notify(chat, silent);
  }

  draw(toEnd) {
    const cards = this.chat === this.spec.chats[0] ? this.spec.cards : [];
    this.transcript.draw(this.chat, cards, toEnd);
  }

  isOwn(message) {
    return message.from.id === this.spec.user_id;
  }

  lastOwn() {
    return this.chat.messages.findLast((message) => this.isOwn(message) && message.text && !message.forward_origin);
  }

  isHeld() {
    return document.hasFocus() && this.root.contains(document.activeElement);
  }

  notify(chat, silent) {
    if (chat !== this.chat) this.news.add(keyOf(chat));
    this.showChats();
    if (chat === this.chat && this.isHeld()) return;
    this.count(this.unread + 1);
    if (silent || this.spec.role_hint !== "clinician") return;
    this.root.classList.add("ringing");
    navigator.vibrate?.(300);
    this.onRing();
  }

  read() {
    if (!this.unread) return;
    this.root.classList.remove("ringing");
    this.count(0);
  }

  count(unread) {
    this.unread = unread;
    const badge = this.part("unread");
    badge.hidden = !unread;
    badge.textContent = unread;
    badge.setAttribute("aria-label", `${unread} unread`);
    this.onUnread(unread);
  }

  toast(text) {
    if (!text) return;
    const toast = this.part("toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.toastEnds);
    this.toastEnds = setTimeout(() => { toast.hidden = true; }, TOAST_STAYS);
  }

  // What its owner does.

  async act(act, body = {}) {
    const { token, chat_id: chat } = this.chat;
    try {
      await call(`/sandbox/${act}`, { user: this.spec.user_id, token, chat, ...body });
    } catch (error) {
      this.toast(error.message);
    }
  }

  say(text) {
    return this.act("say", { text });
  }

  press(message, key) {
    return this.act("press", { message: message.message_id, data: key.callback_data });
  }

  async open(link) {
    const url = new URL(link);
    const chat = this.spec.chats.find((each) => url.host === "t.me" && url.pathname === `/${each.username}`);
    if (!chat) return void window.open(link, "_blank", "noopener");
    this.show(chat);
    await this.act("start", { code: url.searchParams.get("start") ?? "" });
  }
}

// Draws the inside of an element anew, but only when what it shows has changed: a button keeps its focus.
function fill(element, shown, draw) {
  const sign = JSON.stringify(shown);
  if (element.dataset.shown === sign) return;
  element.dataset.shown = sign;
  element.replaceChildren(...draw());
}

// A private chat is between one user and one bot, a group is the same for all bots.
function keyOf({ token, chat_id: chatId }) {
  return chatId < 0 ? `${chatId}` : `${chatId} ${token}`;
}

function isSame(one, other) {
  return Boolean(one && other) && keyOf(one) === keyOf(other);
}
