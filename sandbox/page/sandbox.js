// Calls to the sandbox, and small things to build with. Text goes in as text, never as HTML.

export async function call(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({ error: `The sandbox answers ${answer.status}.` }));
  if (!answer.ok) throw new Error(said.error ?? `The sandbox answers ${answer.status}.`);
  return said;
}

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}
