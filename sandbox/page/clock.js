// The clock bar: shows the simulated time, and drives it.
import { call, make } from "./sandbox.js";

const bar = document.getElementById("clock");
let shown = "";

export function showClock(clock) {
  bar.hidden = !clock;
  if (!clock) return;
  const controls = JSON.stringify([clock.speeds, clock.steps, clock.timezone]);
  if (controls !== shown) build(clock);
  shown = controls;
  bar.querySelector("time").textContent = told(clock);
  for (const button of bar.querySelectorAll("[data-speed]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === clock.speed));
  }
}

function told(clock) {
  const style = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" };
  return new Date(clock.now * 1000).toLocaleString("en-GB", { ...style, timeZone: clock.timezone });
}

function build(clock) {
  const speeds = clock.speeds.map(({ label, speed }) => {
    const button = make("button", { textContent: label, onclick: () => turn({ speed }) });
    button.dataset.speed = speed;
    return button;
  });
  const steps = clock.steps.map(({ label, seconds }) =>
    make("button", { textContent: label, onclick: () => turn({ step: seconds }) }));
  bar.replaceChildren(
    make("time", { title: clock.timezone }),
    make("span", { className: "group", role: "group", "aria-label": "Speed" }, ...speeds),
    make("span", { className: "group", role: "group", "aria-label": "Jump ahead" }, ...steps),
  );
}

async function turn(how) {
  showClock(await call("/page/clock", how));
}
