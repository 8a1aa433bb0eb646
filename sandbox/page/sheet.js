// The sheet on which an action asks for what it needs.
import { call, make } from "./sandbox.js";

export function askFor(action, phone) {
  const sheet = phone.part("sheet");
  const said = make("p", { className: "error", role: "alert" });
  const form = make("form", {},
    make("h2", {}, action.label),
    ...action.fields.map(drawField),
    said,
    make("div", { className: "choices" },
      make("button", { type: "button", className: "plain", textContent: "Cancel", onclick: () => sheet.close() }),
      make("button", { type: "submit", textContent: action.label })),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    form.inert = true;
    try {
      await call(`/page/actions/${action.id}`, Object.fromEntries(new FormData(form)));
      sheet.close();
    } catch (error) {
      said.textContent = error.message;
    } finally {
      form.inert = false;
    }
  });
  sheet.setAttribute("aria-label", action.label);
  sheet.replaceChildren(form);
  sheet.showModal();
}

function drawField({ name, label, kind, value, options }) {
  const input = kind === "select"
    ? make("select", { name }, ...options.map((each) => make("option", { value: each, selected: each === value }, each)))
    : make("input", { name, type: kind, value, step: "any", autocomplete: "off" });
  return make("label", { className: "field" }, label, input);
}
