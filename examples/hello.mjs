// Stands in #lobby with the official Phoenix client: shows who is there and what is said, and
// greets whoever arrives.
//
//   npm install --no-save phoenix ws
//   node examples/hello.mjs ws://127.0.0.1:4856/socket hal

import { Presence, Socket } from "phoenix";
import { WebSocket } from "ws";

const [url = "ws://127.0.0.1:4856/socket", me = "hal"] = process.argv.slice(2);
const socket = new Socket(url, { transport: WebSocket });
const lobby = socket.channel("room:lobby");
const people = new Presence(lobby);

// A message is any JSON, as its sender sent it: nothing in it may drive the terminal.
const harmless = (message) => String(message).replace(/[\p{Cc}\p{Cf}]/gu, "");
const nameOf = (id) => people.state[id]?.metas[0].name ?? "somebody";

let shown;
people.onSync(() => {
  const here = people.list(nameOf).join(", ");
  if (here !== shown) console.log("here:", (shown = here));
});
lobby.on("new_user", ({ id, name, answer = true }) => {
  if (answer) lobby.push("client_response", { message: `hello there ${name}`, recipient: id, auto: true });
});
lobby.on("client_broadcast", ({ message, client_session_id: from }) => console.log(`${nameOf(from)}: ${harmless(message)}`));
lobby.on("client_response", ({ message, client_session_id: from }) => console.log(`${nameOf(from)} to you: ${harmless(message)}`));

socket.onError(() => console.error(`no line to ${url}; trying again`));
socket.connect();
// Said anew after every lost line: the client joins again by itself.
lobby.join().receive("ok", () => lobby.push("client_helo", { name: me }));
