// The page: its live line to the sandbox, and the phones on it.
import { showClock } from "./clock.js";
import { Phone } from "./phone.js";
import { ringOnce } from "./ring.js";

const phones = new Map();
const main = document.getElementById("phones");
const tabs = document.getElementById("tabs");
const offline = document.getElementById("offline");

function follow() {
  const line = new EventSource("/page/events");
  const on = (kind, does) => line.addEventListener(kind, (event) => does(JSON.parse(event.data)));
  line.addEventListener("open", () => { offline.hidden = true; });
  line.addEventListener("error", () => {
    offline.hidden = false;
    if (line.readyState === EventSource.CLOSED) setTimeout(follow, 1000);
  });
  on("page", showPage);
  on("clock", showClock);
  for (const kind of ["message", "edited", "deleted"]) {
    on(kind, (news) => phones.forEach((phone) => phone.heed(kind, news)));
  }
  on("toast", (news) => phones.get(news.chat_id)?.toast(news.content.text));
}

function showPage(page) {
  document.title = page.title;
  document.getElementById("title").textContent = page.title;
  showClock(page.clock);
  for (const [id, phone] of phones) if (!page.phones.some((spec) => spec.user_id === id)) remove(id, phone);
  for (const spec of page.phones) {
    if (!phones.has(spec.user_id)) phones.set(spec.user_id, addPhone(spec));
    phones.get(spec.user_id).update(spec);
  }
}

function addPhone(spec) {
  const tab = document.createElement("button");
  tab.className = "tab";
  const phone = new Phone(spec, { onUnread: (count) => showUnread(tab, count), onRing: ring });
  tab.textContent = spec.label;
  tab.addEventListener("click", () => phone.root.scrollIntoView({ inline: "center", block: "nearest" }));
  phone.tab = tab;
  tabs.append(tab);
  main.append(phone.root);
  inSight.observe(phone.root);
  return phone;
}

function remove(id, phone) {
  phone.tab.remove();
  phone.root.remove();
  phones.delete(id);
}

// On a narrow screen one phone is in sight: its tab says so.
const inSight = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    const phone = [...phones.values()].find(({ root }) => root === target);
    phone?.tab.setAttribute("aria-current", String(isIntersecting));
  }
}, { root: main, threshold: 0.6 });

function showUnread(tab, count) {
  tab.dataset.unread = count || "";
  const all = [...phones.values()].reduce((sum, phone) => sum + phone.unread, 0);
  document.title = (all ? `(${all}) ` : "") + document.getElementById("title").textContent;
}

function ring() {
  if (document.getElementById("sound").checked) ringOnce();
}

follow();
