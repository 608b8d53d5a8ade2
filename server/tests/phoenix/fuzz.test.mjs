// Random frames beside a canary. Whatever comes, the server lives and the canary is answered. The seed is printed,
// so that a failure can be had again: HULLO_FUZZ_SEED; HULLO_FUZZ_SECONDS makes it longer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Peer, Wire, gather, marker, room, request, serve, within } from "./harness.mjs";

const server = serve("--max-pushes-per-second", "0");
const SECONDS = Number(process.env.HULLO_FUZZ_SECONDS ?? 2);
const SEED = Number(process.env.HULLO_FUZZ_SEED ?? Date.now() % 2 ** 31);

/** A small generator with a seed (mulberry32): node's own has none. */
function generator(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (count) => Math.floor(next() * count);
  return { below, pick: (items) => items[below(items.length)] };
}

const random = generator(SEED);
const { below, pick } = random;

function text() {
  return pick([
    "", "x", "1", "11", "12", "room:", "room:fuzz", "\u0000", "é\u{1f426}", "\u202e", "x".repeat(below(300)),
    "3e04cb4a-ccdf-40ee-bf05-9e047e1f8277", "phoenix", "ok", "error", "null", "\\u0031", '"', "\\",
  ]);
}

function json(depth = 0) {
  if (depth > 4) return null;
  return pick([
    () => null,
    () => true,
    () => below(2 ** 31) - 2 ** 30,
    () => below(1000) / 7,
    text,
    () => Array.from({ length: below(4) }, () => json(depth + 1)),
    () => Object.fromEntries(Array.from({ length: below(4) }, () => [text(), json(depth + 1)])),
  ])();
}

function payload(ids) {
  return pick([
    () => ({}),
    () => ({ name: text() }),
    () => ({ name: text(), status: json(), user: json() }),
    () => ({ message: json() }),
    () => ({ message: json(), recipient: pick(ids), auto: json() }),
    () => ({ state: pick(["here", "idle", "away", "dnd", "x"]), text: pick([text(), undefined, json()]) }),
    () => ({ typing: pick([true, false, 1]), recipient: pick([undefined, ...ids]) }),
    () => ({ resumable: json(), resume: json(), history: json(), msg_id: json() }),
    json,
  ])();
}

const EVENTS = [
  "phx_join", "phx_join", "phx_join", "phx_leave", "client_helo", "client_helo", "client_helo", "client_broadcast",
  "client_response", "client_status", "client_typing", "heartbeat", "phx_close", "phx_error", "phx_reply",
  "presence_state", "presence_diff", "new_user", "bogus", "",
];

/** A frame that mostly makes sense. */
function frame(topics, ids) {
  const topic = pick([...topics, ...topics, ...topics, "phoenix", text()]);
  const ref = () => pick(["1", "1", "11", "12", null, text()]);
  return [ref(), ref(), topic, pick([...EVENTS, ...EVENTS, text()]), payload(ids)];
}

/** Text that was a frame until a few bytes of it were changed. */
function broken(line) {
  const bytes = Buffer.from(line);
  for (let n = below(4); n >= 0; n--) {
    const at = below(bytes.length);
    bytes[at] = pick([bytes[at] ^ (1 << below(8)), below(256), 0x22, 0x5b, 0x5d, 0x5c]);
  }
  return bytes.subarray(0, pick([bytes.length, bytes.length, below(bytes.length)]));
}

test(`random frames for ${SECONDS} s (seed ${SEED}) disturb no canary and do not end the server`, async (t) => {
  const [canary, other] = await gather(server, room(), "canary", "other");
  // One canary more, in the very room that is shaken: it is to be answered too, whatever it is shown.
  const [inside] = await gather(server, "room:fuzz", "inside");
  const topics = ["room:fuzz", "room:fuzz2", "room:fuzz3"];
  const ids = [inside.id, canary.id, "nobody", null, 7];
  const counts = { frames: 0, sockets: 0, closes: {} };
  const until = Date.now() + SECONDS * 1_000;

  async function shake() {
    while (Date.now() < until) {
      const wire = await Wire.open(server);
      counts.sockets++;
      const closed = wire.closeCode().catch(() => "none");
      let over = false;
      closed.then((code) => {
        over = true;
        counts.closes[code] = (counts.closes[code] ?? 0) + 1;
      });
      const breaks = pick([0, 0, 0.002, 0.05]);
      for (let left = below(300); left > 0 && !over && Date.now() < until; left--) {
        const line = JSON.stringify(frame(topics, ids));
        const opcode = pick([1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 10]);
        if (below(1_000) < breaks * 1_000) {
          const options = { fin: below(4) > 0, rsv: pick([0, 0, 0, 1]), masked: below(8) > 0 };
          wire.frame(pick([1, 1, 1, 0, 2, 8, 3]), broken(line), options);
        } else wire.frame(opcode, opcode === 1 ? line : "ping");
        counts.frames++;
        if (left % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      wire.end();
      await closed;
    }
  }

  async function sing() {
    while (Date.now() < until) {
      await marker(canary, other);
      await canary.silent();
      const ref = inside.push("client_broadcast", { message: "still here" });
      const frames = await inside.peer.until(([, replied]) => replied === ref);
      assert.deepEqual(frames.at(-1), [inside.joinRef, ref, "room:fuzz", "phx_reply", { status: "ok", response: {} }]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  await within(Promise.all([shake(), shake(), shake(), sing()]), "the shaking to end", SECONDS * 1_000 + 30_000);
  t.diagnostic(JSON.stringify(counts));

  // All shakers are gone: the room holds the canary alone, by the canary's own reckoning and by a newcomer's.
  assert.equal((await request(server, "/healthz")).status, 200);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const peer = await Peer.open(server);
    const late = await peer.join("room:fuzz");
    late.push("client_helo", { name: "late" });
    const state = (await late.expectPush("presence_state", isObject))[4];
    peer.end();
    const names = Object.values(state).map(({ metas }) => metas[0].name);
    const rest = names.filter((name) => name !== "late");
    if (rest.length === 1) {
      assert.deepEqual(rest, ["inside"]);
      break;
    }
    assert.ok(Date.now() < deadline, `still present: ${rest}`);
  }
});

const isObject = (value) => value !== null && typeof value === "object";
