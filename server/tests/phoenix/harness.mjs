// The tools of this suite. It is written from the protocol page alone and shares no code with the server:
// a server process, a raw peer on `ws`, a wire below `ws` for bytes no library sends, and the official client.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import net from "node:net";
import readline from "node:readline";
import { after, before } from "node:test";
import { WebSocket } from "ws";
import { Presence, Socket } from "phoenix";

export { Presence };

// How long an expected thing may take. Only a failing test ever waits so long, or one on a machine that is very busy.
const PATIENCE_MS = 30_000;

// ---------------------------------------------------------------- the server

export class Server {
  /** Starts the server of the binary named by HULLO_BINARY and waits for the line that tells its port. */
  static async start(...flags) {
    const server = new Server();
    await server.#spawn("127.0.0.1:0", flags);
    return server;
  }

  #flags = [];
  #stderr = "";
  #open = new Set();

  async #spawn(listen, flags) {
    const binary = process.env.HULLO_BINARY;
    assert.ok(binary, "set HULLO_BINARY to the path of the binary hullo");
    this.#flags = flags;
    const child = spawn(binary, ["serve", "--listen", listen, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    process.once("exit", () => child.kill("SIGKILL"));
    child.stderr.on("data", (data) => {
      this.#stderr = (this.#stderr + data).slice(-20_000);
    });
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", (error) => resolve({ code: null, signal: null, error }));
    });
    const lines = readline.createInterface({ input: child.stdout });
    const first = new Promise((resolve) => lines.once("line", resolve));
    const line = await within(
      Promise.race([first, this.exited.then((end) => `exit ${JSON.stringify(end)}\n${this.#stderr}`)]),
      "the server's first line",
    );
    const found = /^listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line);
    assert.ok(found, `the first line should tell the address, but was: ${line}`);
    this.port = Number(found[1]);
  }

  get origin() {
    return `ws://127.0.0.1:${this.port}`;
  }

  url(query = "vsn=2.0.0") {
    return `${this.origin}/socket/websocket?${query}`;
  }

  signal(name) {
    this.child.kill(name);
  }

  /** Ends the process without a goodbye. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** Starts it again on the same port. */
  async restart() {
    await this.#spawn(`127.0.0.1:${this.port}`, this.#flags);
  }

  /** What must be ended with the server, so that no test keeps the process alive. */
  owns(thing) {
    this.#open.add(thing);
    return thing;
  }

  async stop() {
    for (const thing of this.#open) thing.end();
    await this.kill();
    assert.doesNotMatch(this.#stderr, /panicked at/, "the server must never panic");
  }
}

/** One server for a whole file or group; it starts before the first test there and ends after the last. */
export function serve(...flags) {
  const held = {};
  const handle = new Proxy(held, {
    get: (_, key) => {
      const value = held.server?.[key];
      return typeof value === "function" ? value.bind(held.server) : value;
    },
  });
  before(async () => {
    held.server = await Server.start(...flags);
  });
  after(() => held.server?.stop());
  return handle;
}

// ---------------------------------------------------------------- the raw peer

/** A V2 peer that knows nothing but frames. Its refs start at 1 and its join_refs at 11, so that nobody mixes them up. */
export class Peer {
  static async open(server, query = "vsn=2.0.0") {
    const peer = new Peer(new WebSocket(server.url(query), { perMessageDeflate: false }));
    server.owns(peer);
    await within(peer.opened, "the socket to open");
    return peer;
  }

  #inbox = [];
  #wake = () => {};
  #lastRef = 0;
  #lastJoinRef = 10;

  constructor(ws) {
    this.ws = ws;
    this.opened = new Promise((resolve, reject) => {
      ws.once("open", resolve);
      ws.once("error", reject);
    });
    this.closed = new Promise((resolve) => {
      ws.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    ws.on("error", () => {}); // the close that follows tells the tale
    ws.on("message", (data, binary) => {
      this.#inbox.push({ text: binary ? null : data.toString(), data });
      this.#wake();
    });
    this.closed.then((close) => {
      this.close = close;
      this.#wake();
    });
  }

  end() {
    this.ws.terminate();
  }

  ref() {
    return String(++this.#lastRef);
  }

  joinRef() {
    return String(++this.#lastJoinRef);
  }

  /** Sends text as it is. */
  text(text) {
    this.ws.send(text);
  }

  send(frame) {
    this.text(JSON.stringify(frame));
  }

  async nextText(what = "a frame") {
    const until = Date.now() + PATIENCE_MS;
    while (this.#inbox.length === 0) {
      assert.ok(!this.close, `waited for ${what}, but the socket closed: ${JSON.stringify(this.close)}`);
      const left = until - Date.now();
      assert.ok(left > 0, `waited for ${what}, but nothing came`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { text } = this.#inbox.shift();
    assert.notEqual(text, null, "a binary frame came where text was due");
    return text;
  }

  async next(what) {
    return JSON.parse(await this.nextText(what));
  }

  /** The next frame must be this one. Functions in the pattern are predicates; all else is compared whole. */
  async expect(pattern) {
    const frame = await this.next(JSON.stringify(pattern, (_, v) => (typeof v === "function" ? `<${v.name}>` : v)));
    same(frame, pattern);
    return frame;
  }

  /** Next must come an ok or error reply; null stands for the join_ref where there is none. */
  expectReply(joinRef, ref, topic, status, response) {
    return this.expect([joinRef, ref, topic, "phx_reply", { status, response }]);
  }

  /** Nothing waits for this peer and nothing is on its way: a heartbeat's reply is the very next frame. */
  async silent() {
    const ref = `beat-${this.ref()}`;
    this.send([null, ref, "phoenix", "heartbeat", {}]);
    await this.expect([null, ref, "phoenix", "phx_reply", { status: "ok", response: {} }]);
  }

  /** The socket must end with this code. Frames that came before are dropped unless `nothing` is asked for. */
  async expectClose(code, { nothing = false } = {}) {
    const close = await within(this.closed, `close ${code}`);
    assert.equal(close.code, code, `closed with ${close.code} "${close.reason}"`);
    if (nothing) assert.deepEqual(this.#inbox.map(({ text }) => text), [], "nothing should come before the close");
    return close;
  }

  /** All frames that came and were not looked at yet. */
  take() {
    return this.#inbox.splice(0).map(({ text }) => JSON.parse(text));
  }

  /** Reads on until the predicate holds for a frame; gives all frames read, that one included. */
  async until(predicate, what = "a certain frame") {
    const frames = [];
    do frames.push(await this.next(what));
    while (!predicate(frames.at(-1)));
    return frames;
  }

  /** Joins, and insists on the ok reply. */
  async join(topic, payload = {}) {
    const channel = new Channel(this, topic, this.joinRef());
    const ref = this.ref();
    this.send([channel.joinRef, ref, topic, "phx_join", payload]);
    await this.expectReply(channel.joinRef, ref, topic, "ok", {});
    return channel;
  }

  /** Tries to join; gives the reply. */
  async tryJoin(topic, payload = {}) {
    const joinRef = this.joinRef();
    const ref = this.ref();
    this.send([joinRef, ref, topic, "phx_join", payload]);
    const reply = await this.expect([any, ref, topic, "phx_reply", any]);
    return { joinRef, replyJoinRef: reply[0], ...reply[4] };
  }
}

/** A joined channel of a raw peer. */
export class Channel {
  constructor(peer, topic, joinRef) {
    this.peer = peer;
    this.topic = topic;
    this.joinRef = joinRef;
  }

  push(event, payload = {}) {
    const ref = this.peer.ref();
    this.peer.send([this.joinRef, ref, this.topic, event, payload]);
    return ref;
  }

  /** Pushes; the next frame must be the reply, and this is it. */
  async ask(event, payload = {}) {
    const ref = this.push(event, payload);
    const frame = await this.peer.expect([this.joinRef, ref, this.topic, "phx_reply", { status: any, response: any }]);
    return frame[4];
  }

  async ok(event, payload = {}, response = {}) {
    same(await this.ask(event, payload), { status: "ok", response });
  }

  async refused(event, payload, reason) {
    same(await this.ask(event, payload), { status: "error", response: { reason } });
  }

  /** What this channel's room broadcast. */
  expectBroadcast(event, payload) {
    return this.peer.expect([null, null, this.topic, event, payload]);
  }

  /** What was pushed to this member alone. */
  expectPush(event, payload) {
    return this.peer.expect([this.joinRef, null, this.topic, event, payload]);
  }

  /** Says helo and takes the three frames it brings: state, reply, the diff of the own arrival. */
  async helo(name, more = {}) {
    const ref = this.push("client_helo", { name, ...more });
    const state = await this.expectPush("presence_state", any);
    const reply = await this.peer.expectReply(this.joinRef, ref, this.topic, "ok", { id: isId, name: isText });
    this.id = reply[4].response.id;
    this.name = reply[4].response.name;
    this.state = state[4];
    const diff = await this.expectBroadcast("presence_diff", joined(this.id, any));
    this.meta = diff[4].joins[this.id].metas[0];
    return this;
  }

  /** Takes what somebody else's helo brings to a member who said helo. */
  async sees(newcomer) {
    await this.expectBroadcast("new_user", { id: newcomer.id, name: newcomer.name });
    await this.expectBroadcast("presence_diff", joined(newcomer.id, newcomer.meta));
  }

  /** Takes what somebody's leave brings. */
  async seesLeave(gone) {
    await this.expectBroadcast("presence_diff", { joins: {}, leaves: { [gone.id]: { metas: [gone.meta] } } });
  }

  silent() {
    return this.peer.silent();
  }
}

/** Peers with these names, each on a socket of its own, all in one room; nothing is left to read. */
export async function gather(server, topic, ...names) {
  const members = [];
  for (const name of names) {
    const peer = await Peer.open(server);
    const channel = await peer.join(topic);
    await channel.helo(name);
    for (const member of members) await member.sees(channel);
    members.push(channel);
  }
  return members;
}

/** Somebody broadcasts a marker. If it is the next thing the others see, nothing was sent to them before it. */
export async function marker(sender, ...others) {
  const message = `marker ${randomBytes(4).toString("hex")}`;
  await sender.ok("client_broadcast", { message });
  for (const other of others) {
    await other.expectBroadcast("client_broadcast", { message, client_session_id: sender.id });
  }
}

let rooms = 0;

/** A topic no other test uses. */
export function room() {
  return `room:t${++rooms}`;
}

// ---------------------------------------------------------------- comparing

export const any = () => true;
export const isText = (value) => typeof value === "string" && value !== "";
export const isNumber = (value) => typeof value === "number";
export const isId = (value) =>
  typeof value === "string" && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value);
export const isRecent = (value) =>
  typeof value === "string" && /^\d+$/.test(value) && Math.abs(Number(value) - Date.now() / 1000) < 60;
export const maybeText = (value) => value === undefined || isText(value);

/** A presence meta: the three keys every one has, and more. */
export function meta(name, more = {}) {
  return { name, phx_ref: isText, online_at: isRecent, ...more };
}

export function joined(id, oneMeta) {
  return { joins: { [id]: { metas: [oneMeta] } }, leaves: {} };
}

/** Compares whole. Predicates that hold stand for whatever came, so a failure shows only what differs. */
export function same(actual, pattern) {
  assert.deepStrictEqual(actual, filled(pattern, actual));
}

function filled(pattern, actual) {
  if (typeof pattern === "function") return pattern(actual) ? actual : `<${pattern.name}>`;
  if (Array.isArray(pattern)) return pattern.map((item, at) => filled(item, actual?.[at]));
  if (pattern === null || typeof pattern !== "object") return pattern;
  const entries = Object.entries(pattern).map(([key, value]) => [key, filled(value, actual?.[key])]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

export async function within(promise, what, ms = PATIENCE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// ---------------------------------------------------------------- below ws

const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** One HTTP request on a connection of its own; an upgrade is an answer like any other. */
export function request(server, path, { method = "GET", headers = {}, upgrade = false } = {}) {
  const answer = new Promise((resolve, reject) => {
    const sent = http.request({
      host: "127.0.0.1",
      port: server.port,
      path,
      method,
      agent: false,
      headers: upgrade ? { ...UPGRADE, ...headers } : headers,
    });
    sent.once("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode, headers: response.headers, body: "" });
    });
    sent.once("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text) => (body += text));
      response.once("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.once("error", reject);
    sent.end();
  });
  return within(answer, `an answer to ${method} ${path}`);
}

/** A WebSocket by hand: it can break every rule. */
export class Wire {
  static async open(server, { head = handshake(server), chunk = head.length } = {}) {
    const wire = new Wire(net.connect(server.port, "127.0.0.1"));
    server.owns(wire);
    wire.socket.setNoDelay(true);
    for (let at = 0; at < head.length; at += chunk) {
      wire.socket.write(head.slice(at, at + chunk));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await within(wire.#until(() => wire.#bytes.includes("\r\n\r\n")), "the answer to the handshake");
    // Who hangs up without an answer gave an empty one.
    const end = wire.#bytes.includes("\r\n\r\n") ? wire.#bytes.indexOf("\r\n\r\n") + 4 : 0;
    wire.head = wire.#bytes.subarray(0, end).toString("latin1");
    wire.#bytes = wire.#bytes.subarray(end);
    return wire;
  }

  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  constructor(socket) {
    this.socket = socket;
    socket.on("data", (data) => {
      this.#bytes = Buffer.concat([this.#bytes, data]);
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async #until(ready) {
    while (!ready() && !this.#ended) await new Promise((resolve) => (this.#wake = resolve));
  }

  end() {
    this.socket.destroy();
  }

  bytes(...bytes) {
    this.socket.write(Buffer.concat(bytes.map((part) => Buffer.from(part))));
  }

  frame(opcode, payload = "", options = {}) {
    this.bytes(wireFrame(opcode, payload, options));
  }

  text(frame) {
    this.frame(1, JSON.stringify(frame));
  }

  /** The next frame from the server, or null once the connection has ended. */
  async next() {
    await within(this.#until(() => this.#parse() !== null), "a frame on the wire");
    const frame = this.#parse();
    if (frame) this.#bytes = this.#bytes.subarray(frame.size);
    return frame;
  }

  /** The code of the server's close frame; 1005 for one without code, 1006 if the connection just ended. */
  async closeCode() {
    for (;;) {
      const frame = await this.next();
      if (frame === null) return 1006;
      if (frame.opcode === 8) return frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0);
    }
  }

  /** The server must also end the connection, not only say so. */
  async ended() {
    await within(this.#until(() => false), "the end of the connection");
  }

  /** What came behind the head and was not read as a frame. */
  get rest() {
    return this.#bytes.toString();
  }

  #parse() {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    assert.equal(bytes[1] & 0x80, 0, "a server never masks");
    let size = bytes[1] & 0x7f;
    let at = 2;
    if (size === 126) {
      if (bytes.length < 4) return null;
      size = bytes.readUInt16BE(2);
      at = 4;
    } else if (size === 127) {
      if (bytes.length < 10) return null;
      size = Number(bytes.readBigUInt64BE(2));
      at = 10;
    }
    if (bytes.length < at + size) return null;
    return { opcode: bytes[0] & 0x0f, fin: (bytes[0] & 0x80) !== 0, payload: bytes.subarray(at, at + size), size: at + size };
  }
}

export function handshake(server, { query = "vsn=2.0.0", headers = {} } = {}) {
  const lines = Object.entries({ Host: `127.0.0.1:${server.port}`, ...UPGRADE, ...headers });
  return `GET /socket/websocket?${query} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join("")}\r\n`;
}

export function acceptKey() {
  const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return createHash("sha1").update(UPGRADE["Sec-WebSocket-Key"] + magic).digest("base64");
}

/** One frame as a client sends it, or as none should. */
export function wireFrame(opcode, payload = "", { fin = true, rsv = 0, masked = true, length } = {}) {
  const data = Buffer.from(payload);
  const size = length ?? data.length;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  let head;
  if (size < 126) head = Buffer.from([first, mask | size]);
  else if (size < 65_536) head = Buffer.from([first, mask | 126, size >> 8, size & 0xff]);
  else {
    head = Buffer.alloc(10);
    head[0] = first;
    head[1] = mask | 127;
    head.writeBigUInt64BE(BigInt(size), 2);
  }
  if (!masked) return Buffer.concat([head, data]);
  const key = randomBytes(4);
  return Buffer.concat([head, key, data.map((byte, at) => byte ^ key[at % 4])]);
}

// ---------------------------------------------------------------- the official client

/** The official client on `ws`. Its sockets end with the server's test. */
export function officialSocket(server, options = {}) {
  const socket = new Socket(`${server.origin}/socket`, { transport: WebSocket, ...options });
  server.owns({ end: () => socket.disconnect() });
  socket.connect();
  return socket;
}

/** The outcome of a push of the official client: ["ok" | "error" | "timeout", response]. */
export function outcome(push) {
  return within(
    new Promise((resolve) => {
      for (const status of ["ok", "error", "timeout"]) push.receive(status, (response) => resolve([status, response]));
    }),
    "the outcome of a push",
  );
}

/** Waits until a condition holds that only callbacks can change. */
export async function eventually(condition, what, ms = PATIENCE_MS) {
  const until = Date.now() + ms;
  while (!condition()) {
    assert.ok(Date.now() < until, `waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
