// client_response, client_broadcast and client_typing: who gets them, and that what is said arrives as it was said.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, any, gather, marker, room, same, serve } from "./harness.mjs";

const server = serve();

// Messages as JSON text, to be found byte for byte in what is delivered.
/** So many arrays, one inside the other. */
function nested(levels) {
  return `${"[".repeat(levels)}${"]".repeat(levels)}`;
}

const VERBATIM = [
  ['"hi"', "text"],
  ['""', "empty text"],
  ["null", "null"],
  ["true", "true"],
  ["false", "false"],
  ["0", "zero"],
  ["-0", "minus zero"],
  ["1.0", "a float that looks whole"],
  ["1.10", "a trailing zero"],
  ["1e2", "an exponent"],
  ["1E+2", "another exponent"],
  ["9007199254740993", "a number beyond 2^53"],
  ["18446744073709551616", "a number beyond 2^64"],
  [`-${"9".repeat(1_000)}`, "a thousand digits"],
  ["0.1000000000000000055511151231257827021181583404541015625", "more digits than a float has"],
  ["[]", "an empty array"],
  ["{}", "an empty object"],
  ['[1,[2,[3,{"a":[null]}]]]', "nested arrays"],
  ['{"z":1,"a":2,"m":{"b":1,"a":2}}', "keys in no order"],
  ['{"":""}', "an empty key"],
  ['{"id":"x","recipient":"y","client_session_id":"z","message":"m"}', "keys that look like ours"],
  ['{"__proto__":{"x":1},"constructor":2}', "keys that trouble JavaScript"],
  ['"\\u0041\\u00e9\\u20ac"', "escapes that need not be"],
  ['"\\/\\b\\f\\n\\r\\t\\"\\\\"', "every short escape"],
  ['"\\u0000\\u001b\\u007f"', "escaped controls"],
  ['"\\ud83d\\udc26"', "a surrogate pair, escaped"],
  ['"\u{1f426}\u200d\u2b1b é e\u0301"', "characters of many bytes"],
  ['"\u2028\u2029\u202e\ufeff"', "separators, an override, a byte order mark inside"],
  ['"<script>&amp;"', "markup"],
  ['"]}],[null"', "text full of brackets"],
  [`"${"x".repeat(60_000)}"`, "60,000 letters"],
  [`[${"1,".repeat(20_000)}1]`, "20,001 items"],
  [nested(62), "as deep as may be: 64 levels with the frame and the payload"],
  [`[${"[[]],".repeat(100)}[]]`, "wide, but not deep"],
  [`"${"[".repeat(100)}"`, "text of 100 brackets"],
  ['[ 1 ,  {"a" : 2}\t]', "blanks inside"],
];

describe("a message is any JSON and arrives byte for byte", () => {
  for (const [json, why] of VERBATIM) {
    test(why, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      ada.peer.text(`["${ada.joinRef}","b","${ada.topic}","client_broadcast",{"message":${json}}]`);
      await ada.peer.expectReply(ada.joinRef, "b", ada.topic, "ok", {});
      const broadcast = await bob.peer.nextText("the broadcast");
      assert.ok(broadcast.includes(`"message":${json}`), `came as ${broadcast.slice(0, 300)}`);
      same(JSON.parse(broadcast), [null, null, ada.topic, "client_broadcast", { message: any, client_session_id: ada.id }]);

      ada.peer.text(`["${ada.joinRef}","r","${ada.topic}","client_response",{"recipient":"${bob.id}","message":${json}}]`);
      await ada.peer.expectReply(ada.joinRef, "r", ada.topic, "ok", {});
      const response = await bob.peer.nextText("the response");
      assert.ok(response.includes(`"message":${json}`), `came as ${response.slice(0, 300)}`);
      same(JSON.parse(response), [
        bob.joinRef,
        null,
        ada.topic,
        "client_response",
        { message: any, recipient: bob.id, client_session_id: ada.id },
      ]);
    });
  }

  for (const [json, why] of [
    [nested(63), "65 levels with the frame and the payload"],
    [`${'{"a":'.repeat(63)}1${"}".repeat(63)}`, "65 levels of objects"],
    [`[1,{"a":${nested(61)}}]`, "65 levels, mixed"],
    [nested(30_000), "30,000 levels"],
  ]) {
    test(`but not deeper: ${why} are invalid_payload, reach nobody, and the socket lives on`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      const refusal = { reason: "invalid_payload" };
      ada.peer.text(`["${ada.joinRef}","b","${ada.topic}","client_broadcast",{"message":${json}}]`);
      await ada.peer.expectReply(ada.joinRef, "b", ada.topic, "error", refusal);
      ada.peer.text(`["${ada.joinRef}","r","${ada.topic}","client_response",{"recipient":"${bob.id}","message":${json}}]`);
      await ada.peer.expectReply(ada.joinRef, "r", ada.topic, "error", refusal);
      await marker(ada, bob);
    });
  }

  test("a key that is not even read is not deeper either", async () => {
    const [ada] = await gather(server, room(), "ada");
    for (const [event, payload] of [
      ["client_broadcast", `{"message":"x","more":${nested(63)}}`],
      ["client_helo", `{"name":"ada","more":${nested(63)}}`],
      ["client_status", `{"state":"here","more":${nested(63)}}`],
      ["phx_join", nested(64)],
    ]) {
      ada.peer.text(`["${ada.joinRef}","9","${ada.topic}","${event}",${payload}]`);
      await ada.peer.expectReply(ada.joinRef, "9", ada.topic, "error", { reason: "invalid_payload" });
    }
    await ada.ok("client_broadcast", { message: "still here" });
  });

  test("a payload that nobody reads may be anything: heartbeat, leave", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    peer.text(`[null,"h","phoenix","heartbeat",${nested(100)}]`);
    await peer.expectReply(null, "h", "phoenix", "ok", {});
    peer.text(`["${channel.joinRef}","9","${channel.topic}","phx_leave",${nested(100)}]`);
    await peer.expectReply(channel.joinRef, "9", channel.topic, "ok", {});
  });

  test("of a key given twice the last one counts", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    ada.peer.text(`["${ada.joinRef}","9","${ada.topic}","client_broadcast",{"message":1,"message":2}]`);
    await ada.peer.expectReply(ada.joinRef, "9", ada.topic, "ok", {});
    await bob.expectBroadcast("client_broadcast", { message: 2, client_session_id: ada.id });
  });

  test("an escaped key is the same key", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    ada.peer.text(`["${ada.joinRef}","9","${ada.topic}","client_broadcast",{"m\\u0065ssage":"hi"}]`);
    await ada.peer.expectReply(ada.joinRef, "9", ada.topic, "ok", {});
    await bob.expectBroadcast("client_broadcast", { message: "hi", client_session_id: ada.id });
  });
});

describe("client_response", () => {
  test("reaches the recipient alone, with the recipient's join_ref and no ref", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    const elsewhere = await cyd.peer.join(room());
    await elsewhere.helo("cyd");
    // Another join_ref than the sender's, so that the two cannot be mixed up.
    const peer = await Peer.open(server);
    await peer.join(room());
    const dan = await peer.join(ada.topic);
    await dan.helo("dan");
    for (const other of [ada, bob, cyd]) await other.sees(dan);
    assert.notEqual(dan.joinRef, ada.joinRef);

    await ada.ok("client_response", { message: "hello there dan", recipient: dan.id });
    await dan.peer.expect([
      dan.joinRef,
      null,
      ada.topic,
      "client_response",
      { message: "hello there dan", recipient: dan.id, client_session_id: ada.id },
    ]);
    await marker(ada, bob, cyd, dan);
  });

  test("says who sent it, whatever the sender says", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    for (const forged of [cyd.id, "root", null, 7, { id: cyd.id }]) {
      await ada.ok("client_response", { client_session_id: forged, message: "x", recipient: bob.id });
      await bob.expectPush("client_response", { message: "x", recipient: bob.id, client_session_id: ada.id });
    }
    await marker(ada, bob, cyd);
  });

  test("names the sender once", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    await ada.ok("client_response", { message: "x", client_session_id: cyd.id, recipient: bob.id });
    const text = await bob.peer.nextText();
    assert.equal(text.match(/client_session_id/g).length, 1);
    assert.ok(!text.includes(cyd.id));
  });

  test("that is automatic says so to its recipient", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await ada.ok("client_response", { message: "hello there bob", recipient: bob.id, auto: true });
    await bob.expectPush("client_response", {
      message: "hello there bob",
      recipient: bob.id,
      client_session_id: ada.id,
      auto: true,
    });
  });

  test("goes both ways", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await ada.ok("client_response", { message: "ping", recipient: bob.id });
    await bob.expectPush("client_response", { message: "ping", recipient: bob.id, client_session_id: ada.id });
    await bob.ok("client_response", { message: "pong", recipient: ada.id });
    await ada.expectPush("client_response", { message: "pong", recipient: ada.id, client_session_id: bob.id });
  });

  test("to oneself arrives", async () => {
    const [ada] = await gather(server, room(), "ada");
    const ref = ada.push("client_response", { message: "note", recipient: ada.id });
    const frames = [await ada.peer.next(), await ada.peer.next()];
    const reply = frames.find(([, replied]) => replied === ref);
    same(reply, [ada.joinRef, ref, ada.topic, "phx_reply", { status: "ok", response: {} }]);
    same(
      frames.find((frame) => frame !== reply),
      [ada.joinRef, null, ada.topic, "client_response", { message: "note", recipient: ada.id, client_session_id: ada.id }],
    );
  });

  for (const [recipient, why] of [
    ["", "no text"],
    ["garbage", "no id"],
    ["3e04cb4a-ccdf-40ee-bf05-9e047e1f8277", "an id nobody has"],
    ["00000000-0000-0000-0000-000000000000", "the nil id"],
    ["x".repeat(10_000), "endless"],
    ["bob", "a name"],
  ]) {
    test(`to a recipient that is ${why} is refused: unknown_recipient`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      await ada.refused("client_response", { message: "x", recipient }, "unknown_recipient");
      await marker(ada, bob);
    });
  }

  test("to somebody who left is refused: unknown_recipient", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await bob.ok("phx_leave");
    await ada.seesLeave(bob);
    await ada.refused("client_response", { message: "x", recipient: bob.id }, "unknown_recipient");
  });

  test("to somebody whose socket is gone is refused: unknown_recipient", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    bob.peer.end();
    await ada.seesLeave(bob);
    await ada.refused("client_response", { message: "x", recipient: bob.id }, "unknown_recipient");
  });

  test("to somebody in another room is refused, though on the very same socket: unknown_recipient", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const elsewhere = await bob.peer.join(room());
    await elsewhere.helo("bob");
    await ada.refused("client_response", { message: "x", recipient: elsewhere.id }, "unknown_recipient");
    await elsewhere.refused("client_response", { message: "x", recipient: ada.id }, "unknown_recipient");
    await ada.silent();
    await bob.silent();
  });

  test("to the id of a session that was replaced by a second join is refused: unknown_recipient", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const again = await bob.peer.join(bob.topic);
    await ada.seesLeave(bob);
    await ada.refused("client_response", { message: "x", recipient: bob.id }, "unknown_recipient");
    await again.peer.expect([bob.joinRef, bob.joinRef, bob.topic, "phx_close", {}]);
  });

  test("to the join_ref of a member that has not said helo is refused: unknown_recipient", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const lurker = await peer.join(ada.topic);
    await ada.refused("client_response", { message: "x", recipient: lurker.joinRef }, "unknown_recipient");
    await lurker.silent();
  });

  test("still reaches somebody who renamed, by the same id", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    bob.push("client_helo", { name: "robert" });
    await bob.expectPush("presence_state", any);
    await bob.peer.next("the reply");
    const diff = (await bob.expectBroadcast("presence_diff", any))[4];
    await ada.expectBroadcast("presence_diff", diff);
    await ada.ok("client_response", { message: "hello there robert", recipient: bob.id });
    await bob.expectPush("client_response", { message: "hello there robert", recipient: bob.id, client_session_id: ada.id });
  });
});

describe("client_broadcast", () => {
  test("reaches every other member who said helo, without refs, and not the sender", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    const peer = await Peer.open(server);
    const lurker = await peer.join(ada.topic);
    await ada.ok("client_broadcast", { message: "hi all" });
    for (const { peer: other } of [bob, cyd]) {
      await other.expect([
        null,
        null,
        ada.topic,
        "client_broadcast",
        { message: "hi all", client_session_id: ada.id },
      ]);
    }
    for (const member of [ada, bob, cyd, lurker]) await member.silent();
  });

  test("is the same text for every member", async () => {
    const [ada, ...others] = await gather(server, room(), "ada", "bob", "cyd", "dan");
    await ada.ok("client_broadcast", { message: { b: 1, a: [2] } });
    const texts = await Promise.all(others.map(({ peer }) => peer.nextText()));
    assert.equal(new Set(texts).size, 1);
  });

  test("says who sent it, whatever the sender says", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    await ada.ok("client_broadcast", { client_session_id: cyd.id, message: "x" });
    await bob.expectBroadcast("client_broadcast", { message: "x", client_session_id: ada.id });
  });

  test("alone in a room is ok and reaches nobody", async () => {
    const [ada] = await gather(server, room(), "ada");
    await ada.ok("client_broadcast", { message: "anybody?" });
    await ada.silent();
  });

  test("does not leave its room", async () => {
    const [ada] = await gather(server, room(), "ada");
    const [bob] = await gather(server, room(), "bob");
    const [cyd] = await gather(server, `${ada.topic}:x`, "cyd");
    await ada.ok("client_broadcast", { message: "x" });
    await bob.silent();
    await cyd.silent();
  });

  test("reaches each of two rooms that share a socket once", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const adaTwo = await ada.peer.join(room());
    await adaTwo.helo("ada");
    const bobTwo = await bob.peer.join(adaTwo.topic);
    await bobTwo.helo("bob");
    await adaTwo.sees(bobTwo);
    await ada.ok("client_broadcast", { message: 1 });
    await adaTwo.ok("client_broadcast", { message: 2 });
    await bob.expectBroadcast("client_broadcast", { message: 1, client_session_id: ada.id });
    await bobTwo.expectBroadcast("client_broadcast", { message: 2, client_session_id: adaTwo.id });
    await bob.silent();
  });
});

describe("client_typing", () => {
  test("reaches the room, not the sender; with a ref it is answered ok", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    await ada.ok("client_typing", { typing: true });
    for (const other of [bob, cyd]) {
      await other.expectBroadcast("client_typing", { typing: true, client_session_id: ada.id });
    }
    for (const member of [ada, bob, cyd]) await member.silent();
  });

  test("without a ref is not answered", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    ada.peer.send([ada.joinRef, null, ada.topic, "client_typing", { typing: false }]);
    await ada.silent();
    await bob.expectBroadcast("client_typing", { typing: false, client_session_id: ada.id });
  });

  test("to one recipient reaches that one alone", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    await ada.ok("client_typing", { typing: true, recipient: bob.id });
    // The join_ref tells that it was for this one alone.
    await bob.expectPush("client_typing", { typing: true, client_session_id: ada.id });
    await marker(ada, bob, cyd);
  });

  test("says who types, whatever the sender says", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await ada.ok("client_typing", { typing: true, client_session_id: bob.id });
    await bob.expectBroadcast("client_typing", { typing: true, client_session_id: ada.id });
  });

  test("is not told to whoever comes later", async () => {
    const [ada] = await gather(server, room(), "ada");
    await ada.ok("client_typing", { typing: true });
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    await bob.helo("bob");
    await bob.silent();
  });
});
