// Where a person writes: the text, the menu of commands, what can be attached, the edit of an own message.
import { make } from "./sandbox.js";

const ATTACHABLE = { voice: "Voice message", photo: "Photo", sticker: "Sticker", document: "Document" };
const TALLEST = 120; // pixels

export class Composer {
  constructor(phone) {
    Object.assign(this, { phone, edited: null, words: phone.root.querySelector("textarea") });
    phone.part("composer").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    phone.part("cancel").addEventListener("click", () => this.clear());
    this.words.addEventListener("keydown", (event) => this.onKey(event));
    this.words.addEventListener("input", () => this.fit());
    this.popup("commands", "menu", () => this.commands());
    this.popup("attachments", "attach", () => this.attachables());
    phone.root.addEventListener("keydown", (event) => { if (event.key === "Escape") this.closePopups(); });
  }

  async submit() {
    const text = this.words.value.trim();
    if (!text) return;
    const edited = this.edited;
    this.clear();
    await (edited ? this.phone.act("edit", { message: edited.message_id, text }) : this.phone.say(text));
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.words.value) {
      this.edit(this.phone.lastOwn());
    } else if (event.key === "Escape" && this.edited) {
      this.clear();
    }
  }

  edit(message) {
    if (!message) return;
    this.edited = message;
    this.words.value = message.text;
    this.phone.part("editing").hidden = false;
    this.fit();
    this.words.focus();
  }

  clear() {
    this.edited = null;
    this.words.value = "";
    this.phone.part("editing").hidden = true;
    this.fit();
  }

  fit() {
    this.words.style.height = "auto";
    this.words.style.height = `${Math.min(this.words.scrollHeight, TALLEST)}px`;
  }

  popup(opener, name, items) {
    const [button, box] = [this.phone.part(opener), this.phone.part(name)];
    button.addEventListener("click", () => {
      const opens = box.hidden;
      this.closePopups();
      if (!opens) return;
      box.replaceChildren(...items());
      box.hidden = false;
      button.setAttribute("aria-expanded", "true");
      box.querySelector("button")?.focus();
    });
  }

  closePopups() {
    for (const name of ["menu", "attach"]) this.phone.part(name).hidden = true;
    for (const name of ["commands", "attachments"]) this.phone.part(name).setAttribute("aria-expanded", "false");
  }

  choice(does, ...content) {
    return make("button", { onclick: () => { this.closePopups(); this.words.focus(); does(); } }, ...content);
  }

  commands() {
    return this.phone.chat.commands.map(({ command, description }) =>
      this.choice(() => this.phone.say(`/${command}`), make("b", {}, `/${command}`), ` ${description}`));
  }

  attachables() {
    return Object.entries(ATTACHABLE).map(([kind, label]) => this.choice(() => this.phone.act("send", { kind }), label));
  }
}
