// The layer of RFC 6455, and frames that are none. Each offender sits in one room with a canary, who must see
// it leave once and must never notice anything else.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, Wire, gather, joined, marker, room, serve, same, wireFrame, any, isId, isText } from "./harness.mjs";

const server = serve();

/** A canary alone in a room. */
async function canary() {
  const [bird] = await gather(server, room(), "canary");
  return bird;
}

/** The canary sees the offender go, and nothing else; the canary still sings. */
async function unharmed(bird, offender) {
  await bird.seesLeave(offender);
  await bird.silent();
  const [other] = await gatherInto(bird, "witness");
  await marker(bird, other);
}

async function gatherInto(bird, name) {
  const peer = await Peer.open(server);
  const channel = await peer.join(bird.topic);
  await channel.helo(name);
  await bird.sees(channel);
  return [channel];
}

describe("an undecodable frame closes that socket with 1011 and touches nobody else", () => {
  for (const [text, why] of [
    ["", "empty text"],
    [" ", "a blank"],
    ["hello", "no JSON"],
    ["{", "JSON cut short"],
    ['["11","1","room:x","phx_join",{}', "an array cut short"],
    ['["11","1","room:x","phx_join",{}]]', "a bracket too many"],
    ['["11","1","room:x","phx_join",{}] ["11"]', "two values"],
    ["['11','1','room:x','phx_join',{}]", "the wrong quotes"],
    ['["11","1","room:x","phx_join",{},]', "a comma too many"],
    ['\ufeff["11","1","room:x","phx_join",{}]', "a byte order mark"],
    ['["11","1","room:x","phx_join",{"a":"\u0001"}]', "a raw control character in a string"],
    ["null", "null"],
    ["true", "a boolean"],
    ["1", "a number"],
    ['"room:x"', "a string"],
    ["{}", "an object"],
    ['{"topic":"room:x","event":"phx_join","payload":{},"ref":"1"}', "a V1 frame"],
    ["[]", "no items"],
    ['["11","1","room:x","phx_join"]', "four items"],
    ['["11","1",null,"phx_join",{}]', "a null topic"],
    ['["11","1",7,"phx_join",{}]', "a numeric topic"],
    ['["11","1",["room:x"],"phx_join",{}]', "a topic in an array"],
    ['["11","1","room:x",null,{}]', "a null event"],
    ['["11","1","room:x",7,{}]', "a numeric event"],
    ['["11","1","room:x",{},{}]', "an object for an event"],
  ]) {
    test(why, async () => {
      const bird = await canary();
      const [offender] = await gatherInto(bird, "offender");
      offender.peer.text(text);
      await offender.peer.expectClose(1011, { nothing: true });
      await unharmed(bird, offender);
    });
  }

  test("before any join too", async () => {
    const peer = await Peer.open(server);
    peer.text("hello");
    await peer.expectClose(1011, { nothing: true });
  });

  test("what came before it is still answered", async () => {
    const peer = await Peer.open(server);
    peer.send([null, "1", "phoenix", "heartbeat", {}]);
    peer.text("hello");
    await peer.expectReply(null, "1", "phoenix", "ok", {});
    await peer.expectClose(1011);
  });

  test("what comes after it is not", async () => {
    const bird = await canary();
    const [offender] = await gatherInto(bird, "offender");
    offender.peer.text("hello");
    offender.push("client_broadcast", { message: "from beyond" });
    await offender.peer.expectClose(1011, { nothing: true });
    await unharmed(bird, offender);
  });

  test("a lone surrogate is not relayed, as no strict reader could read it", async () => {
    const bird = await canary();
    const [offender] = await gatherInto(bird, "offender");
    offender.peer.text(`["${offender.joinRef}","9","${offender.topic}","client_broadcast",{"message":"\\ud800"}]`);
    await offender.peer.expectClose(1011, { nothing: true });
    await unharmed(bird, offender);
  });

  test("a number beyond every float is not relayed, as not every reader could read it", async () => {
    const bird = await canary();
    const [offender] = await gatherInto(bird, "offender");
    offender.peer.text(`["${offender.joinRef}","9","${offender.topic}","client_broadcast",{"message":1e400}]`);
    await offender.peer.expectClose(1011, { nothing: true });
    await unharmed(bird, offender);
  });
});

describe("a binary frame closes the socket, as long as none are served", () => {
  for (const [bytes, why] of [
    [[], "empty"],
    [[0, 1, 2, 6, 3, 1], "cut short"],
    [Buffer.from('["11","1","room:x","phx_join",{}]'), "JSON in binary"],
    [Buffer.concat([Buffer.from([0, 2, 1, 6, 4]), Buffer.from("119room:xpingxyz")]), "a push"],
  ]) {
    test(why, async () => {
      const bird = await canary();
      const [offender] = await gatherInto(bird, "offender");
      offender.peer.ws.send(Buffer.from(bytes), { binary: true });
      const { code } = await offender.peer.closed;
      assert.ok([1003, 1011].includes(code), `closed with ${code}`);
      await unharmed(bird, offender);
    });
  }
});

describe("RFC 6455", () => {
  const BEAT = JSON.stringify([null, "1", "phoenix", "heartbeat", {}]);

  for (const [write, why] of [
    [(w) => w.frame(1, BEAT, { masked: false }), "an unmasked frame"],
    [(w) => w.frame(1, BEAT, { rsv: 4 }), "a reserved bit (RSV1)"],
    [(w) => w.frame(1, BEAT, { rsv: 1 }), "a reserved bit (RSV3)"],
    [(w) => w.frame(3, BEAT), "a reserved opcode"],
    [(w) => w.frame(11, ""), "a reserved control opcode"],
    [(w) => w.frame(0, BEAT), "a continuation of nothing"],
    [(w) => w.bytes(wireFrame(1, "[", { fin: false }), wireFrame(1, BEAT)), "a new message inside another"],
    [(w) => w.frame(9, "x", { fin: false }), "a fragmented ping"],
    [(w) => w.frame(9, "x".repeat(126)), "a ping of 126 bytes"],
    [(w) => w.frame(8, [3]), "a close with half a code"],
    [(w) => w.frame(8, [0x03, 0xed]), "the close code 1005"],
    [(w) => w.frame(8, [0x03, 0xe7]), "the close code 999"],
  ]) {
    test(`${why} is a protocol error: 1002`, async () => {
      const wire = await Wire.open(server);
      write(wire);
      assert.equal(await wire.closeCode(), 1002);
      await wire.ended();
    });
  }

  for (const [write, why] of [
    [(w) => w.frame(1, [0x22, 0xff, 0x22]), "a byte that never is UTF-8"],
    [(w) => w.frame(1, [0x22, 0xc3, 0x22]), "a sequence cut short"],
    [(w) => w.frame(1, [0x22, 0xed, 0xa0, 0x80, 0x22]), "a surrogate"],
    [(w) => w.frame(1, [0x22, 0xc0, 0xaf, 0x22]), "an overlong form"],
    [(w) => w.bytes(wireFrame(1, [0x22, 0xc3], { fin: false }), wireFrame(0, [0x22])), "a sequence cut by a fragment"],
  ]) {
    test(`bad UTF-8 closes with 1007: ${why}`, async () => {
      const wire = await Wire.open(server);
      write(wire);
      assert.equal(await wire.closeCode(), 1007);
      await wire.ended();
    });
  }

  test("bad UTF-8 touches nobody else", async () => {
    const bird = await canary();
    const wire = await Wire.open(server);
    wire.text(["11", "1", bird.topic, "phx_join", {}]);
    wire.text(["11", "2", bird.topic, "client_helo", { name: "offender" }]);
    const { id } = (await bird.expectBroadcast("new_user", { id: isId, name: "offender" }))[4];
    const diff = await bird.expectBroadcast("presence_diff", joined(id, any));
    wire.frame(1, [0xff]);
    assert.equal(await wire.closeCode(), 1007);
    await unharmed(bird, { id, meta: diff[4].joins[id].metas[0] });
  });

  test("a message in three fragments is one frame, a ping in between is answered", async () => {
    const wire = await Wire.open(server);
    wire.bytes(
      wireFrame(1, BEAT.slice(0, 9), { fin: false }),
      wireFrame(9, "now?"),
      wireFrame(0, BEAT.slice(9, 20), { fin: false }),
      wireFrame(0, BEAT.slice(20)),
    );
    const frames = [await wire.next(), await wire.next()];
    const pong = frames.find(({ opcode }) => opcode === 10);
    assert.equal(pong?.payload.toString(), "now?");
    const reply = frames.find(({ opcode }) => opcode === 1);
    assert.deepEqual(JSON.parse(reply.payload), [null, "1", "phoenix", "phx_reply", { status: "ok", response: {} }]);
  });

  test("a character split between fragments is whole again", async () => {
    const wire = await Wire.open(server);
    const text = Buffer.from(JSON.stringify([null, "é", "phoenix", "heartbeat", {}]));
    const inside = text.indexOf(0xc3) + 1;
    wire.bytes(wireFrame(1, text.subarray(0, inside), { fin: false }), wireFrame(0, text.subarray(inside)));
    const { payload } = await wire.next();
    assert.equal(JSON.parse(payload)[1], "é");
  });

  test("a frame that trickles in byte by byte is one frame", async () => {
    const wire = await Wire.open(server);
    for (const byte of wireFrame(1, BEAT)) {
      wire.bytes([byte]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.match((await wire.next()).payload.toString(), /phx_reply/);
  });

  test("many frames in one segment are answered in order", async () => {
    const wire = await Wire.open(server);
    const beats = Array.from({ length: 50 }, (_, n) => [null, `n${n}`, "phoenix", "heartbeat", {}]);
    wire.bytes(...beats.map((beat) => wireFrame(1, JSON.stringify(beat))));
    for (const [, ref] of beats) assert.equal(JSON.parse((await wire.next()).payload)[1], ref);
  });

  for (const size of [0, 1, 125]) {
    test(`a ping of ${size} bytes gets its pong`, async () => {
      const wire = await Wire.open(server);
      wire.frame(9, "p".repeat(size));
      const { opcode, payload } = await wire.next();
      assert.deepEqual({ opcode, text: payload.toString() }, { opcode: 10, text: "p".repeat(size) });
    });
  }

  test("an unasked pong is ignored", async () => {
    const peer = await Peer.open(server);
    peer.ws.pong("nobody asked");
    await peer.silent();
  });

  for (const [payload, why] of [
    [[], "without a code"],
    [[0x03, 0xe8], "1000"],
    [[0x03, 0xe9, ...Buffer.from("going away")], "1001 with a reason"],
    [[0x0f, 0xa0], "4000"],
  ]) {
    test(`a client's close is answered (${why}), and the connection ends`, async () => {
      const wire = await Wire.open(server);
      wire.frame(8, payload);
      assert.equal((await wire.next())?.opcode, 8);
      await wire.ended();
    });
  }

  test("items past the fifth are ignored", async () => {
    const peer = await Peer.open(server);
    peer.text('[null,"1","phoenix","heartbeat",{},"extra",{"more":[1,2]},null]');
    await peer.expectReply(null, "1", "phoenix", "ok", {});
  });

  test("blanks and line ends between the items do not matter", async () => {
    const peer = await Peer.open(server);
    peer.text(' [ null ,\t"1",\r\n"phoenix" , "heartbeat", { } ] \n');
    await peer.expectReply(null, "1", "phoenix", "ok", {});
  });

  test("escapes in the items do not matter", async () => {
    const peer = await Peer.open(server);
    peer.text('[null,"\\u0031","ph\\u006fenix","heart\\u0062eat",{}]');
    await peer.expectReply(null, "1", "phoenix", "ok", {});
  });

  test("a reply carries refs of any text unharmed", async () => {
    const peer = await Peer.open(server);
    const ref = 'a "quoted" \\ ref\nwith é and \u{1f426}';
    peer.send([null, ref, "phoenix", "heartbeat", {}]);
    same(await peer.next(), [null, ref, "phoenix", "phx_reply", { status: isText, response: {} }]);
  });
});
