// Section 2 of the page: heartbeats, joins and leaves, refs, and every way to be told no.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, any, gather, isId, joined, marker, meta, room, same, serve } from "./harness.mjs";

const server = serve();
const UNMATCHED = { reason: "unmatched topic" };

describe("heartbeat", () => {
  test("is answered before any join", async () => {
    const peer = await Peer.open(server);
    peer.send([null, "6", "phoenix", "heartbeat", {}]);
    await peer.expectReply(null, "6", "phoenix", "ok", {});
  });

  test("is answered between pushes, in order", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    peer.send([null, "h1", "phoenix", "heartbeat", {}]);
    const ref = channel.push("phx_leave");
    peer.send([null, "h2", "phoenix", "heartbeat", {}]);
    await peer.expectReply(null, "h1", "phoenix", "ok", {});
    await peer.expectReply(channel.joinRef, ref, channel.topic, "ok", {});
    await channel.peer.expect([channel.joinRef, channel.joinRef, channel.topic, "phx_close", {}]);
    await peer.expectReply(null, "h2", "phoenix", "ok", {});
  });

  test("with a null ref is answered with a null ref", async () => {
    const peer = await Peer.open(server);
    peer.send([null, null, "phoenix", "heartbeat", {}]);
    await peer.expectReply(null, null, "phoenix", "ok", {});
  });

  test("with a join_ref is answered with none", async () => {
    const peer = await Peer.open(server);
    peer.send(["11", "1", "phoenix", "heartbeat", {}]);
    await peer.expectReply(null, "1", "phoenix", "ok", {});
  });

  for (const event of ["phx_join", "client_helo", "heartbeats", "HEARTBEAT", ""]) {
    test(`any other event on that topic is unmatched: ${JSON.stringify(event)}`, async () => {
      const peer = await Peer.open(server);
      peer.send([null, "1", "phoenix", event, {}]);
      await peer.expectReply(null, "1", "phoenix", "error", UNMATCHED);
    });
  }

  test("on a joined room is no heartbeat but an unknown event", async () => {
    const [ada] = await gather(server, room(), "ada");
    await ada.refused("heartbeat", {}, "unknown_event");
  });
});

describe("topics that are no room, or not joined", () => {
  for (const topic of ["nosuch:topic", "nosuch", "", ":", "room", "rooms:x", "ROOM:x", " room:x", "roomx:y", "room;x"]) {
    test(`a join of ${JSON.stringify(topic)} is unmatched, join_ref null`, async () => {
      const peer = await Peer.open(server);
      peer.send(["11", "1", topic, "phx_join", {}]);
      await peer.expectReply(null, "1", topic, "error", UNMATCHED);
    });
  }

  for (const event of ["client_helo", "client_broadcast", "client_response", "bogus", "phx_reply", ""]) {
    test(`${JSON.stringify(event)} on a room not joined is unmatched, join_ref null`, async () => {
      const peer = await Peer.open(server);
      const topic = room();
      peer.send(["11", "1", topic, event, { name: "ada", message: "x" }]);
      await peer.expectReply(null, "1", topic, "error", UNMATCHED);
    });
  }

  test("a room that others joined is still not joined by me", async () => {
    const [ada] = await gather(server, room(), "ada");
    const stranger = await Peer.open(server);
    stranger.send([null, "1", ada.topic, "client_broadcast", { message: "let me in" }]);
    await stranger.expectReply(null, "1", ada.topic, "error", UNMATCHED);
    await ada.silent();
  });

  test("after a leave everything is unmatched again", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    await channel.ok("phx_leave");
    await peer.expect([channel.joinRef, channel.joinRef, channel.topic, "phx_close", {}]);
    peer.send([channel.joinRef, "9", channel.topic, "client_helo", { name: "ada" }]);
    await peer.expectReply(null, "9", channel.topic, "error", UNMATCHED);
  });

  test("a null ref is answered with a null ref here too", async () => {
    const peer = await Peer.open(server);
    peer.send(["11", null, "nosuch:topic", "phx_join", {}]);
    await peer.expectReply(null, null, "nosuch:topic", "error", UNMATCHED);
  });
});

describe("join", () => {
  test("is answered ok with both refs and an empty response", async () => {
    const peer = await Peer.open(server);
    const topic = room();
    peer.send(["11", "1", topic, "phx_join", {}]);
    await peer.expect(["11", "1", topic, "phx_reply", { status: "ok", response: {} }]);
    await peer.silent();
  });

  test("ignores parameters it does not know", async () => {
    const peer = await Peer.open(server);
    await peer.join(room(), { colour: "green", nested: { a: [1] } });
  });

  for (const payload of [null, [], [{}], "x", "", 0, true]) {
    test(`with payload ${JSON.stringify(payload)} is refused as invalid_payload`, async () => {
      const peer = await Peer.open(server);
      const { joinRef, ...reply } = await peer.tryJoin(room(), payload);
      same(reply, { replyJoinRef: joinRef, status: "error", response: { reason: "invalid_payload" } });
    });
  }

  for (const [name, why] of [
    ["a", "one byte"],
    ["a".repeat(200), "200 bytes"],
    ["é".repeat(100), "200 bytes in 100 characters"],
    ["\u{1f426}".repeat(50), "200 bytes of birds"],
    ["zażółć gęślą jaźń", "Polish with blanks"],
    ["中文房间", "Chinese"],
    ["a:b:c", "more colons"],
    [":", "a colon"],
    ["room:lobby", "the prefix again"],
    ["..", "dots"],
    ["*", "an asterisk"],
    ['"\\/', "quotes and slashes"],
    ["\u{1f469}\u200d\u{1f680}", "an astronaut, joined"],
    ["\u2764\ufe0f", "a heart with its selector"],
    ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Persian with the non-joiner it needs"],
    ["\u05e9\u05dc\u05d5\u05dd", "right to left by nature"],
  ]) {
    test(`a room name may be ${why}`, async () => {
      const [ada, bob] = await gather(server, `room:${name}`, "ada", "bob");
      await marker(ada, bob);
    });
  }

  for (const [name, why] of [
    ["", "empty"],
    ["a".repeat(201), "201 bytes"],
    ["a".repeat(250), "250 bytes, in a topic of 255"],
    ["é".repeat(100) + "a", "201 bytes in 101 characters"],
    ["a\u0000b", "a NUL"],
    ["a\nb", "a line feed"],
    ["a\tb", "a tab"],
    ["\u001b[31m", "an escape"],
    ["a\u007f", "a DEL"],
    ["a\u0085b", "a C1 control"],
    ["\u202elobby", "turned around by an override"],
    ["lob\u202aby", "with an embedding inside"],
    ["lobby\u2066", "with an isolate at its end"],
    ["lobby\u2069", "with the end of an isolate"],
    ["lobby\u200e", "with a left-to-right mark"],
    ["lobby\u200f", "with a right-to-left mark"],
    ["lobby\u061c", "with an Arabic letter mark"],
    ["lob\u200bby", "with a zero-width space"],
    ["lob\u2060by", "with a word joiner"],
    ["\ufefflobby", "with a byte order mark"],
    ["lob\u200dby", "with a joiner that joins nothing"],
    ["lob\u200cby", "with a non-joiner between letters that never join"],
    ["lobby\ufe0f", "with a selector that selects nothing"],
    ["lobby ", "with a blank at its end"],
    [" lobby", "with a blank at its beginning"],
    [" ", "a blank"],
  ]) {
    test(`a room name may not be ${why}: invalid_room, join_ref kept`, async () => {
      const peer = await Peer.open(server);
      const { joinRef, ...reply } = await peer.tryJoin(`room:${name}`);
      same(reply, { replyJoinRef: joinRef, status: "error", response: { reason: "invalid_room" } });
    });
  }

  test("a refused join joins nothing", async () => {
    const peer = await Peer.open(server);
    await peer.tryJoin("room:");
    peer.send(["11", "9", "room:", "client_helo", { name: "ada" }]);
    await peer.expectReply(null, "9", "room:", "error", UNMATCHED);
  });

  test("alone is seen by nobody", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    await peer.join(ada.topic);
    await ada.silent();
  });
});

describe("a join that asks for presence", () => {
  test("gets presence_state right after its reply, without a helo, and nobody learns of it", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const peer = await Peer.open(server);
    const lurker = await peer.join(ada.topic, { presence: true });
    await lurker.expectPush("presence_state", { [ada.id]: { metas: [ada.meta] }, [bob.id]: { metas: [bob.meta] } });
    for (const member of [ada, bob, lurker]) await member.silent();
  });

  test("gets an empty one in an empty room, then diffs", async () => {
    const peer = await Peer.open(server);
    const lurker = await peer.join(room(), { presence: true });
    await lurker.expectPush("presence_state", {});
    const [ada] = await gather(server, lurker.topic, "ada");
    await lurker.expectBroadcast("presence_diff", joined(ada.id, ada.meta));
    await lurker.silent();
  });

  test("gets a further one with its helo, as everybody does", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic, { presence: true });
    await bob.expectPush("presence_state", { [ada.id]: { metas: [ada.meta] } });
    await bob.helo("bob");
    assert.deepEqual(Object.keys(bob.state).sort(), [ada.id, bob.id].sort());
    await ada.sees(bob);
    await bob.silent();
  });

  test("a second time sees the room without its old session, after that one's close", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const again = await bob.peer.join(bob.topic, { presence: true });
    await bob.peer.expect([bob.joinRef, bob.joinRef, bob.topic, "phx_close", {}]);
    await again.expectPush("presence_state", { [ada.id]: { metas: [ada.meta] } });
    await again.silent();
    await ada.seesLeave(bob);
  });

  test("with false gets none", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const lurker = await peer.join(ada.topic, { presence: false });
    await lurker.silent();
  });

  for (const presence of ["true", 1, null, [], {}]) {
    test(`with ${JSON.stringify(presence)} is refused as invalid_payload, and joins nothing`, async () => {
      const [ada] = await gather(server, room(), "ada");
      const peer = await Peer.open(server);
      const { joinRef, ...reply } = await peer.tryJoin(ada.topic, { presence });
      same(reply, { replyJoinRef: joinRef, status: "error", response: { reason: "invalid_payload" } });
      peer.send([joinRef, "9", ada.topic, "client_helo", { name: "bob" }]);
      await peer.expectReply(null, "9", ada.topic, "error", UNMATCHED);
      await ada.silent();
    });
  }
});

describe("a second join of a joined topic", () => {
  test("is answered first, then the old channel is closed", async () => {
    const peer = await Peer.open(server);
    const old = await peer.join(room());
    await peer.join(old.topic);
    await peer.expect([old.joinRef, old.joinRef, old.topic, "phx_close", {}]);
    await peer.silent();
  });

  test("ends the old session: the room sees it leave once", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await bob.peer.join(bob.topic);
    await bob.peer.expect([bob.joinRef, bob.joinRef, bob.topic, "phx_close", {}]);
    await ada.seesLeave(bob);
    await ada.silent();
  });

  test("makes a session that has to say helo again, and gets a new id", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const again = await bob.peer.join(bob.topic);
    await bob.peer.expect([bob.joinRef, bob.joinRef, bob.topic, "phx_close", {}]);
    await ada.seesLeave(bob);
    // The room's diff may come to the new channel too, for it has joined; nothing else may.
    const ref = again.push("client_broadcast", { message: "x" });
    const frames = await bob.peer.until(([, replied]) => replied === ref);
    for (const frame of frames.slice(0, -1)) {
      same(frame, [null, null, bob.topic, "presence_diff", { joins: {}, leaves: { [bob.id]: any } }]);
    }
    same(frames.at(-1), [again.joinRef, ref, bob.topic, "phx_reply", { status: "error", response: any }]);
    await again.helo("bob");
    assert.notEqual(again.id, bob.id);
    await ada.sees(again);
    await ada.silent();
  });

  test("makes the old join_ref stale", async () => {
    const peer = await Peer.open(server);
    const old = await peer.join(room());
    const again = await peer.join(old.topic);
    await peer.expect([old.joinRef, old.joinRef, old.topic, "phx_close", {}]);
    old.push("client_helo", { name: "ghost" });
    old.push("phx_leave");
    await peer.silent();
    await again.helo("ada");
  });

  test("does so with the very same join_ref too", async () => {
    const peer = await Peer.open(server);
    const old = await peer.join(room());
    peer.send([old.joinRef, "9", old.topic, "phx_join", {}]);
    await peer.expectReply(old.joinRef, "9", old.topic, "ok", {});
    await peer.expect([old.joinRef, old.joinRef, old.topic, "phx_close", {}]);
    await peer.silent();
    await old.helo("ada");
  });

  test("works ten times in a row, with ten closes", async () => {
    const peer = await Peer.open(server);
    let old = await peer.join(room());
    for (let round = 0; round < 10; round++) {
      const again = await peer.join(old.topic);
      await peer.expect([old.joinRef, old.joinRef, old.topic, "phx_close", {}]);
      old = again;
    }
    await old.helo("ada");
    assert.equal(Object.keys(old.state).length, 1);
  });
});

describe("leave", () => {
  test("is answered ok, then the channel is closed with its join_ref in both places", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    peer.send([channel.joinRef, "23", channel.topic, "phx_leave", {}]);
    await peer.expectReply(channel.joinRef, "23", channel.topic, "ok", {});
    await peer.expect([channel.joinRef, channel.joinRef, channel.topic, "phx_close", {}]);
    await peer.silent();
  });

  test("after helo gives the leaver no diff of itself", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await bob.ok("phx_leave");
    await bob.peer.expect([bob.joinRef, bob.joinRef, bob.topic, "phx_close", {}]);
    await ada.seesLeave(bob);
    await bob.silent();
    await ada.silent();
  });

  test("with a null join_ref leaves the current channel", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    peer.send([null, "9", channel.topic, "phx_leave", {}]);
    await peer.expectReply(channel.joinRef, "9", channel.topic, "ok", {});
    await peer.expect([channel.joinRef, channel.joinRef, channel.topic, "phx_close", {}]);
  });

  test("with a null ref is answered with a null ref, then the channel is closed", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    peer.send([channel.joinRef, null, channel.topic, "phx_leave", {}]);
    await peer.expectReply(channel.joinRef, null, channel.topic, "ok", {});
    await peer.expect([channel.joinRef, channel.joinRef, channel.topic, "phx_close", {}]);
  });

  for (const joinRef of ["77", null]) {
    test(`of a room not joined is ok, with join_ref ${JSON.stringify(joinRef)} as sent and no phx_close`, async () => {
      const peer = await Peer.open(server);
      const topic = room();
      peer.send([joinRef, "20", topic, "phx_leave", {}]);
      await peer.expectReply(joinRef, "20", topic, "ok", {});
      await peer.silent();
    });
  }

  test("of a room joined before is ok a second time, without a second phx_close", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    await channel.ok("phx_leave");
    await peer.expect([channel.joinRef, channel.joinRef, channel.topic, "phx_close", {}]);
    await channel.ok("phx_leave");
    await peer.silent();
  });

  test("then join again is a fresh channel", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await bob.ok("phx_leave");
    await bob.peer.expect([bob.joinRef, bob.joinRef, bob.topic, "phx_close", {}]);
    await ada.seesLeave(bob);
    const again = await bob.peer.join(bob.topic);
    await again.helo("bob");
    assert.notEqual(again.id, bob.id);
    await ada.sees(again);
  });
});

describe("refs", () => {
  for (const stale of ["999", "10", "", "011", " 11", "11 ", "null", 11, 0, true, ["11"], {}]) {
    test(`a push with join_ref ${JSON.stringify(stale)} is stale after "11": ignored in silence`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      assert.equal(bob.joinRef, "11");
      bob.peer.send([stale, "9", bob.topic, "client_broadcast", { message: "stale" }]);
      await bob.silent();
      await marker(bob, ada);
    });
  }

  for (const stale of ["999", 11]) {
    test(`a leave with join_ref ${JSON.stringify(stale)} is ignored in silence too`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      bob.peer.send([stale, "9", bob.topic, "phx_leave", {}]);
      await bob.silent();
      await marker(bob, ada);
    });
  }

  test("an unknown event with a stale join_ref is ignored in silence", async () => {
    const [ada] = await gather(server, room(), "ada");
    ada.peer.send(["999", "9", ada.topic, "bogus", {}]);
    ada.peer.send(["999", "9", ada.topic, "client_helo", null]);
    await ada.silent();
  });

  test("a null join_ref on a joined topic means the current one; the reply carries the channel's own", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    bob.peer.send([null, "6", bob.topic, "client_broadcast", { message: "hi" }]);
    await bob.peer.expectReply("11", "6", bob.topic, "ok", {});
    await ada.expectBroadcast("client_broadcast", { message: "hi", client_session_id: bob.id });
  });

  test("an error reply to a null join_ref carries the channel's own too", async () => {
    const [ada] = await gather(server, room(), "ada");
    ada.peer.send([null, "6", ada.topic, "bogus", {}]);
    await ada.peer.expectReply("11", "6", ada.topic, "error", { reason: "unknown_event" });
  });

  test("a null ref is answered with a null ref", async () => {
    const [ada] = await gather(server, room(), "ada");
    ada.peer.send([ada.joinRef, null, ada.topic, "client_broadcast", { message: "x" }]);
    await ada.peer.expectReply(ada.joinRef, null, ada.topic, "ok", {});
    ada.peer.send([ada.joinRef, null, ada.topic, "bogus", {}]);
    await ada.peer.expectReply(ada.joinRef, null, ada.topic, "error", { reason: "unknown_event" });
  });

  test("a join with a null join_ref is answered with null, later replies carry the join's ref", async () => {
    const peer = await Peer.open(server);
    const topic = room();
    peer.send([null, "5", topic, "phx_join", {}]);
    await peer.expectReply(null, "5", topic, "ok", {});
    peer.send([null, "6", topic, "client_helo", { name: "ada" }]);
    await peer.expect([any, null, topic, "presence_state", any]);
    await peer.expectReply("5", "6", topic, "ok", { id: isId, name: "ada" });
    await peer.expect([null, null, topic, "presence_diff", any]);
    peer.send([null, "7", topic, "client_broadcast", { message: "x" }]);
    await peer.expectReply("5", "7", topic, "ok", {});
  });

  test("a join with a null join_ref is closed with null in both places", async () => {
    const peer = await Peer.open(server);
    const topic = room();
    peer.send([null, "5", topic, "phx_join", {}]);
    await peer.expectReply(null, "5", topic, "ok", {});
    peer.send([null, "6", topic, "phx_leave", {}]);
    await peer.expect([any, "6", topic, "phx_reply", { status: "ok", response: {} }]);
    await peer.expect([null, null, topic, "phx_close", {}]);
  });

  test("replies come in the order of the pushes, errors among them", async () => {
    const [ada] = await gather(server, room(), "ada");
    const pushes = [];
    for (let n = 0; n < 30; n++) {
      const [event, payload] = [
        ["client_broadcast", { message: n }],
        ["bogus", {}],
        ["client_status", { state: "nowhere" }],
      ][n % 3];
      pushes.push(ada.push(event, payload));
    }
    for (const ref of pushes) await ada.peer.expect([ada.joinRef, ref, ada.topic, "phx_reply", any]);
    await ada.silent();
  });
});

describe("channels of one socket", () => {
  test("100 may be joined; the 101st is refused with its join_ref kept; a leave makes room", async () => {
    const peer = await Peer.open(server);
    const name = room();
    const channels = [];
    for (let n = 0; n < 100; n++) channels.push(await peer.join(`${name}-${n}`));

    const { joinRef, ...reply } = await peer.tryJoin(`${name}-100`);
    same(reply, { replyJoinRef: joinRef, status: "error", response: { reason: "too many channels joined" } });
    peer.send([joinRef, "x1", `${name}-100`, "client_helo", { name: "ada" }]);
    await peer.expectReply(null, "x1", `${name}-100`, "error", UNMATCHED);

    const gone = channels[50];
    await gone.ok("phx_leave");
    await peer.expect([gone.joinRef, gone.joinRef, gone.topic, "phx_close", {}]);
    await peer.join(`${name}-100`);
    await channels[0].helo("ada");
  });

  test("a second join of a joined topic is no 101st", async () => {
    const peer = await Peer.open(server);
    const name = room();
    const channels = [];
    for (let n = 0; n < 100; n++) channels.push(await peer.join(`${name}-${n}`));
    const old = channels[7];
    await peer.join(old.topic);
    await peer.expect([old.joinRef, old.joinRef, old.topic, "phx_close", {}]);
  });

  test("refused joins do not count", async () => {
    const peer = await Peer.open(server);
    for (let n = 0; n < 120; n++) await peer.tryJoin("room:");
    await peer.join(room());
  });

  test("the limit is each socket's own", async () => {
    const peer = await Peer.open(server);
    const name = room();
    for (let n = 0; n < 100; n++) await peer.join(`${name}-${n}`);
    const other = await Peer.open(server);
    await other.join(`${name}-0`);
  });

  test("two rooms on one socket are independent", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const second = await ada.peer.join(room());
    await second.helo("ada elsewhere");
    assert.notEqual(second.id, ada.id);
    assert.notEqual(second.joinRef, ada.joinRef);
    same(second.state, { [second.id]: { metas: [meta("ada elsewhere")] } });
    await bob.silent();

    await second.ok("client_broadcast", { message: "only here" });
    await marker(ada, bob);

    await second.ok("phx_leave");
    await ada.peer.expect([second.joinRef, second.joinRef, second.topic, "phx_close", {}]);
    await marker(ada, bob);
  });

  test("the join_ref of one channel is stale on the other", async () => {
    const peer = await Peer.open(server);
    const one = await peer.join(room());
    const two = await peer.join(room());
    peer.send([one.joinRef, "9", two.topic, "client_helo", { name: "ada" }]);
    peer.send([two.joinRef, "9", one.topic, "phx_leave", {}]);
    await peer.silent();
  });

  test("two members may bear the same name", async () => {
    const [ada, bob] = await gather(server, room(), "twin", "twin");
    assert.notEqual(ada.id, bob.id);
    assert.deepEqual(Object.keys(bob.state).sort(), [ada.id, bob.id].sort());
    await marker(ada, bob);
  });
});

describe("events nobody knows and payloads of the wrong shape", () => {
  for (const event of [
    "bogus",
    "",
    " client_broadcast",
    "CLIENT_BROADCAST",
    "phx_reply",
    "phx_close",
    "phx_error",
    "presence_state",
    "presence_diff",
    "new_user",
    "client_",
    "événement",
    "\u0000",
    "e".repeat(255),
  ]) {
    test(`the event ${JSON.stringify(event.slice(0, 20))} is refused as unknown_event, and the channel lives on`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      await ada.refused(event, { message: "x", name: "x" }, "unknown_event");
      await marker(ada, bob);
    });
  }

  const ID = "3e04cb4a-ccdf-40ee-bf05-9e047e1f8277";
  const NOT_OBJECTS = [null, [], ["x"], "x", 7, true];
  const WRONG = {
    client_helo: [...NOT_OBJECTS, {}, { name: null }, { name: 7 }, { name: ["ada"] }, { name: {} }, { Name: "ada" }],
    client_response: [
      ...NOT_OBJECTS,
      {},
      { message: "x" },
      { recipient: ID },
      { message: "x", recipient: null },
      { message: "x", recipient: 7 },
      { message: "x", recipient: [ID] },
    ],
    client_broadcast: [...NOT_OBJECTS, {}, { msg: "x" }],
    client_status: [...NOT_OBJECTS, {}, { text: "x" }, { state: "gone" }, { state: "Here" }, { state: null }, { state: "away", text: 7 }],
    client_typing: [...NOT_OBJECTS, {}, { typing: "yes" }, { typing: null }, { typing: 1 }],
  };
  for (const [event, payloads] of Object.entries(WRONG)) {
    test(`${event} with any of ${payloads.length} wrong payloads is refused as invalid_payload, and the room sees none`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      for (const payload of payloads) await ada.refused(event, payload, "invalid_payload");
      await marker(ada, bob);
    });
  }

  for (const event of ["client_broadcast", "client_response", "client_status", "client_typing"]) {
    test(`${event} before helo is refused as helo_required`, async () => {
      const [ada] = await gather(server, room(), "ada");
      const peer = await Peer.open(server);
      const channel = await peer.join(ada.topic);
      const payload = { message: "x", recipient: ada.id, state: "away", typing: true };
      await channel.refused(event, payload, "helo_required");
      await ada.silent();
      await channel.helo("bob");
      await ada.sees(channel);
    });
  }

  test("a topic of more than 255 bytes is refused with an error reply, and the socket lives on", async () => {
    const peer = await Peer.open(server);
    for (const topic of [`room:${"a".repeat(251)}`, `room:${"é".repeat(126)}`, "t".repeat(256), "t".repeat(10_000)]) {
      peer.send(["11", "1", topic, "phx_join", {}]);
      await peer.expect([any, "1", any, "phx_reply", { status: "error", response: any }]);
    }
    await peer.join(room());
  });

  for (const [event, why] of [
    ["e".repeat(256), "256 bytes"],
    ["é".repeat(128), "256 bytes in 128 characters"],
  ]) {
    test(`an event of ${why} closes with 1011`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      bob.push(event, {});
      await bob.peer.expectClose(1011, { nothing: true });
      await ada.seesLeave(bob);
      await ada.silent();
    });
  }

  test("255 bytes of two-byte characters are counted as bytes", async () => {
    const [ada] = await gather(server, room(), "ada");
    await ada.refused(`${"é".repeat(127)}e`, {}, "unknown_event");
  });
});

test("joined members who have not said helo get diffs, but neither new_user nor messages", async () => {
  const peer = await Peer.open(server);
  const lurker = await peer.join(room());
  const [ada, bob] = await gather(server, lurker.topic, "ada", "bob");
  await lurker.expectBroadcast("presence_diff", joined(ada.id, ada.meta));
  await lurker.expectBroadcast("presence_diff", joined(bob.id, bob.meta));
  await marker(ada, bob);
  await ada.ok("client_typing", { typing: true });
  await bob.expectBroadcast("client_typing", { typing: true, client_session_id: ada.id });
  await bob.ok("phx_leave");
  await lurker.seesLeave(bob);
  await lurker.silent();
});
