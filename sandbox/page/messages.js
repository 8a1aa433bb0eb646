// Draws what a chat holds: messages with their buttons, cards, and the days between them.
import { make } from "./sandbox.js";

const TAPPABLE = /https?:\/\/[^\s<>]+[^\s<>.,;:!?)]|(?<=^|\s)\/[a-z0-9_]{1,32}\b/g;
const MEDIA = {
  voice: (media) => `▶ Voice message, ${media.duration} s`,
  video_note: (media) => `▶ Video message, ${media.duration} s`,
  sticker: (media) => media.emoji,
  document: (media) => `▤ ${media.file_name}`,
};

// The entries of a chat in order, each with a key that stays and an element that is made when it is needed.
export function entries(chat, cards, phone) {
  const all = [
    ...chat.messages.map((message) => ({ key: `m${message.message_id}`, place: message.message_id, of: message })),
    ...cards.map((card, place) => ({ key: `c${place}`, place: card.after + 0.5, of: card })),
  ].sort((one, other) => one.place - other.place);
  const mine = phone.lastOwn();
  let day = "";
  return all.flatMap((entry) => {
    const on = dayOf(entry.of.date, phone.spec.timezone);
    const before = on === day ? [] : [{ key: `d${on}`, sign: on, draw: () => make("li", { className: "day" }, on) }];
    day = on;
    const last = entry.of === mine;
    const draw = () => (entry.key[0] === "m" ? drawMessage(entry.of, phone, last) : drawCard(entry.of, phone));
    return [...before, { key: entry.key, sign: JSON.stringify([entry.of, last]), draw }];
  });
}

function drawMessage(message, phone, isLastOfMine) {
  const mine = phone.isOwn(message);
  const bubble = make("div", { className: "bubble" });
  if (message.chat.type !== "private" && !mine) bubble.append(make("b", { className: "from" }, message.from.first_name));
  if (message.forward_origin) bubble.append(make("small", {}, `Forwarded from ${message.forward_origin.sender_user.first_name}`));
  bubble.append(...media(message, mine));
  const words = message.text ?? message.caption;
  if (words) bubble.append(make("p", {}, ...tappable(words, phone)));
  bubble.append(foot(message, phone, mine && isLastOfMine));
  const item = make("li", { className: `message ${mine ? "mine" : "theirs"}` }, bubble);
  const rows = message.reply_markup?.inline_keyboard;
  if (rows) item.append(make("div", { className: "keyboard" }, ...rows.map((row) => drawRow(row, message, phone))));
  return item;
}

function foot(message, phone, editable) {
  const said = (message.edit_date ? "edited " : "") + timeOf(message.date, phone.spec.timezone);
  const line = make("span", { className: "foot" });
  if (editable) line.append(make("button", { className: "plain", textContent: "Edit", onclick: () => phone.composer.edit(message) }));
  line.append(make("time", {}, said));
  return line;
}

function media(message, mine) {
  if (message.photo && !mine) {
    const { file_id: id, width, height } = message.photo.at(-1);
    return [make("img", { src: `/page/files/${id}`, width, height, alt: message.caption ?? "Picture", loading: "lazy" })];
  }
  if (message.photo) return [make("span", { className: "media" }, "▣ Photo")];
  const kind = Object.keys(MEDIA).find((name) => message[name]);
  return kind ? [make("span", { className: `media ${kind}` }, MEDIA[kind](message[kind]))] : [];
}

function drawRow(row, message, phone) {
  return make("div", { className: "keys" }, ...row.map((key) => {
    const press = async () => {
      if (key.url) phone.open(key.url);
      else await phone.press(message, key);
    };
    return make("button", { className: `key ${key.style ?? ""}`, textContent: key.text, onclick: press });
  }));
}

function drawCard(card, phone) {
  const item = make("li", { className: "card" });
  if (card.text) item.append(make("p", {}, card.text));
  if (card.link) {
    item.append(make("p", {}, "A link has come for you."), make("code", {}, card.link));
    item.append(make("button", { className: "wide", textContent: "Open the link", onclick: () => phone.open(card.link) }));
  }
  item.append(make("time", {}, timeOf(card.date, phone.spec.timezone)));
  return item;
}

function tappable(words, phone) {
  const parts = [];
  let last = 0;
  for (const found of words.matchAll(TAPPABLE)) {
    parts.push(words.slice(last, found.index));
    const tap = () => (found[0][0] === "/" ? phone.say(found[0]) : phone.open(found[0]));
    parts.push(make("button", { className: "link", textContent: found[0], onclick: tap }));
    last = found.index + found[0].length;
  }
  return [...parts, words.slice(last)];
}

function timeOf(date, timeZone) {
  return new Date(date * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
}

function dayOf(date, timeZone) {
  return new Date(date * 1000).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone });
}
