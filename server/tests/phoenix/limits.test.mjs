// Section 5 of the page, the limits served now: message size and pushes per session. Names, topics, events and
// channels have theirs in the files of their own; who reads too slowly, in slow.test.mjs.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Peer, Wire, gather, marker, request, room, same, serve, isNumber, wireFrame } from "./harness.mjs";

/** A heartbeat of exactly so many bytes. */
function beatOf(size) {
  const frame = [null, "1", "phoenix", "heartbeat", { pad: "" }];
  frame[4].pad = "x".repeat(size - JSON.stringify(frame).length);
  const text = JSON.stringify(frame);
  assert.equal(Buffer.byteLength(text), size);
  return text;
}

function sizes(server, limit) {
  test(`a message of ${limit} bytes is served`, async () => {
    const peer = await Peer.open(server);
    peer.text(beatOf(limit));
    await peer.expectReply(null, "1", "phoenix", "ok", {});
  });

  test(`a message of ${limit} bytes in two fragments is served`, async () => {
    const wire = await Wire.open(server);
    const text = beatOf(limit);
    wire.bytes(wireFrame(1, text.slice(0, 100), { fin: false }), wireFrame(0, text.slice(100)));
    assert.match((await wire.next()).payload.toString(), /phx_reply/);
  });

  test(`a message of ${limit + 1} bytes closes with 1009`, async () => {
    const peer = await Peer.open(server);
    peer.text(beatOf(limit + 1));
    await peer.expectClose(1009, { nothing: true });
  });

  test(`${limit + 1} bytes in two fragments, each of them small enough, close with 1009`, async () => {
    const wire = await Wire.open(server);
    const text = beatOf(limit + 1);
    const half = text.length >> 1;
    wire.bytes(wireFrame(1, text.slice(0, half), { fin: false }), wireFrame(0, text.slice(half)));
    assert.equal(await wire.closeCode(), 1009);
    await wire.ended();
  });

  test("a header that announces far too much closes with 1009 before any of it comes", async () => {
    const wire = await Wire.open(server);
    wire.bytes(wireFrame(1, "", { length: 2 ** 40 }));
    assert.equal(await wire.closeCode(), 1009);
    await wire.ended();
  });
}

describe("64 KiB a message by default", () => {
  const server = serve();
  sizes(server, 65_536);

  test("a message of a megabyte closes with 1009, though its sender is still sending", async () => {
    const peer = await Peer.open(server);
    peer.text(beatOf(1_000_000));
    await peer.expectClose(1009, { nothing: true });
  });

  test("endless small fragments close with 1009", async () => {
    const wire = await Wire.open(server);
    wire.bytes(wireFrame(1, "[", { fin: false }));
    for (let n = 0; n < 70; n++) wire.bytes(wireFrame(0, "x".repeat(1_000), { fin: false }));
    assert.equal(await wire.closeCode(), 1009);
    await wire.ended();
  });

  test("one who sends too much leaves, and nobody else is touched", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    bob.push("client_broadcast", { message: "x".repeat(66_000) });
    await bob.peer.expectClose(1009, { nothing: true });
    for (const other of [ada, cyd]) await other.seesLeave(bob);
    await marker(ada, cyd);
  });

  test("the length that counts is that of bytes, not of characters", async () => {
    const peer = await Peer.open(server);
    peer.send([null, "1", "phoenix", "heartbeat", { pad: "é".repeat(33_000) }]);
    await peer.expectClose(1009, { nothing: true });
  });
});

describe("--max-message-bytes 1000", () => {
  const server = serve("--max-message-bytes", "1000");
  sizes(server, 1_000);
});

describe("50 pushes a second, burst 200, by default", () => {
  const server = serve();

  /** Enough that the last is refused even if the machine lets seconds pass, and too little to be put out. */
  const TOO_MANY = 350;

  /** Sends so many broadcasts at once; gives the replies, and how long it took. */
  async function flood(channel, count = TOO_MANY) {
    const start = Date.now();
    const refs = new Set(Array.from({ length: count }, (_, n) => channel.push("client_broadcast", { message: n })));
    const replies = [];
    while (refs.size > 0) {
      const [, ref, , , payload] = await channel.peer.next("the replies to a flood");
      assert.ok(refs.delete(ref));
      replies.push(payload);
    }
    return { replies, seconds: (Date.now() - start) / 1_000 };
  }

  /** The helo was a push too, so the bucket may be short of it; and it fills while the flood goes on. */
  function assertBurst(served, seconds) {
    const most = 200 + Math.ceil(50 * seconds) + 1;
    assert.ok(served >= 199 && served <= most, `${served} were served, not 199 to ${most}`);
  }

  test("a burst is served, what goes beyond it is refused as rate_limited with retry_after_ms", async () => {
    const [ada] = await gather(server, room(), "ada");
    const { replies, seconds } = await flood(ada, 300);
    const served = replies.filter(({ status }) => status === "ok").length;
    assertBurst(served, seconds);
    for (const reply of replies.filter(({ status }) => status !== "ok")) {
      same(reply, { status: "error", response: { reason: "rate_limited", retry_after_ms: isNumber } });
      const wait = reply.response.retry_after_ms;
      // What was refused counts, so the wait grows; but never beyond what two bursts take to come back.
      assert.ok(Number.isInteger(wait) && wait > 0 && wait <= 8_000, `retry after ${wait} ms`);
    }
    await ada.silent();
  });

  test("what is refused reaches nobody, what is served reaches all", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const { replies } = await flood(ada);
    for (const [n, { status }] of replies.entries()) {
      if (status === "ok") await bob.expectBroadcast("client_broadcast", { message: n, client_session_id: ada.id });
    }
    await bob.silent();
  });

  test("after retry_after_ms a push is served again", async () => {
    const [ada] = await gather(server, room(), "ada");
    const { replies } = await flood(ada, 300);
    const last = replies.at(-1);
    assert.equal(last.status, "error");
    await delay(last.response.retry_after_ms + 1); // a timer of node may be early by less than that
    await ada.ok("client_broadcast", { message: "patience" });
  });

  test("the bucket is each session's own: not the socket's, not the room's", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const second = await ada.peer.join(room());
    await second.helo("ada");
    const { replies } = await flood(ada);
    assert.equal(replies.at(-1).status, "error");
    await second.ok("client_broadcast", { message: "another room" });
    await bob.peer.until(([, , , event]) => event === "client_broadcast");
    bob.peer.take();
    const ref = bob.push("client_broadcast", { message: "the same room" });
    const reply = (await bob.peer.until(([, replied]) => replied === ref)).at(-1);
    same(reply[4], { status: "ok", response: {} });
  });

  test("a session that pushes too much is no reason to refuse heartbeats", async () => {
    const [ada] = await gather(server, room(), "ada");
    await flood(ada);
    for (let n = 0; n < 150; n++) await ada.silent();
  });

  for (const [topic, event, why] of [
    ["phoenix", "heartbeat", "heartbeats"],
    ["room:", "phx_join", "joins"],
    ["nosuch:topic", "bogus", "frames to nowhere"],
  ]) {
    test(`${why} belong to no session: the socket has a bucket of its own for them, of the same size`, async () => {
      const peer = await Peer.open(server);
      const start = Date.now();
      for (let n = 0; n < 1_000; n++) peer.send([null, String(n), topic, event, {}]);
      await peer.expectClose(1008);
      const replies = peer.take();
      const limited = replies.filter(([, , , , { response }]) => response.reason === "rate_limited");
      assertBurst(replies.length - limited.length, (Date.now() - start) / 1_000);
      same(limited[0][4], { status: "error", response: { reason: "rate_limited", retry_after_ms: isNumber } });
    });
  }

  test("a socket that does too much is no reason to refuse the pushes of its sessions", async () => {
    const [ada] = await gather(server, room(), "ada");
    for (let n = 0; n < TOO_MANY; n++) ada.peer.send([null, "beat", "phoenix", "heartbeat", {}]);
    const ref = ada.push("client_broadcast", { message: "x" });
    const frames = await ada.peer.until(([, replied]) => replied === ref);
    same(frames.at(-2)[4].response, { reason: "rate_limited", retry_after_ms: isNumber });
    same(frames.at(-1)[4], { status: "ok", response: {} });
  });

  test("a leave is never refused: who wants to go goes", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await flood(ada);
    await ada.ok("phx_leave");
    await ada.peer.expect([ada.joinRef, ada.joinRef, ada.topic, "phx_close", {}]);
    const last = (await bob.peer.until(([, , , event]) => event === "presence_diff")).at(-1);
    same(last[4], { joins: {}, leaves: { [ada.id]: { metas: [ada.meta] } } });
  });

  test("going on regardless closes with 1008 once another burst has been refused, and touches nobody else", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    const start = Date.now();
    for (let n = 0; n < 1_000; n++) ada.push("client_broadcast", { message: n });
    await ada.peer.expectClose(1008);
    const seconds = (Date.now() - start) / 1_000;
    const replies = ada.peer.take().map((frame) => frame[4]);
    const served = replies.filter(({ status }) => status === "ok").length;
    assertBurst(served, seconds);
    const refused = replies.filter(({ response }) => response.reason === "rate_limited").length;
    const most = 201 + Math.ceil(50 * seconds);
    assert.ok(refused >= 199 && refused <= most, `${refused} were refused before the close, not 199 to ${most}`);
    for (const other of [bob, cyd]) {
      const frames = await other.peer.until(([, , , event]) => event === "presence_diff");
      same(frames.at(-1)[4], { joins: {}, leaves: { [ada.id]: { metas: [ada.meta] } } });
      assert.equal(frames.length - 1, served);
    }
    await marker(bob, cyd);
  });

  test("a burst of unknown events and wrong payloads counts too", async () => {
    const [ada] = await gather(server, room(), "ada");
    for (let n = 0; n < 1_000; n++) ada.push(n % 2 ? "bogus" : "client_broadcast", {});
    await ada.peer.expectClose(1008);
  });

  test("a new session on the same socket starts with a full bucket", async () => {
    const [ada] = await gather(server, room(), "ada");
    await flood(ada);
    const again = await ada.peer.join(ada.topic);
    await ada.peer.expect([ada.joinRef, ada.joinRef, ada.topic, "phx_close", {}]);
    await again.helo("ada");
    const { replies } = await flood(again, 150);
    assert.ok(replies.every(({ status }) => status === "ok"));
  });
});

describe("--idle-timeout 1s", () => {
  const server = serve("--idle-timeout", "1s");

  test("closes a socket with 1002 that has said nothing for so long, and it leaves; who pings stays", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const pings = setInterval(() => ada.peer.ws.ping(), 100);
    try {
      await bob.peer.expectClose(1002);
      await ada.seesLeave(bob);
      await ada.silent();
    } finally {
      clearInterval(pings);
    }
  });
});

describe("--max-pushes-per-second 0", () => {
  const server = serve("--max-pushes-per-second", "0");

  test("means no limit", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    for (let n = 0; n < 2_000; n++) ada.push("client_broadcast", { message: n });
    for (let n = 0; n < 2_000; n++) same((await ada.peer.next())[4], { status: "ok", response: {} });
    for (let n = 0; n < 2_000; n++) assert.equal((await bob.peer.next())[4].message, n);
    assert.equal((await request(server, "/healthz")).status, 200);
  });
});
