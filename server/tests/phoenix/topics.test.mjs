// Topics of rooms, the directory, observers and quiet sessions: what the official client makes of them, and that whoever
// knows none of it sees what it always saw.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, any, gather, isId, isNumber, meta, officialSocket, outcome, room, same, serve } from "./harness.mjs";

const server = serve();

/** A member that says helo in a mode, and the id it got. */
async function enterAs(mode, topic, name) {
  const peer = await Peer.open(server);
  const channel = await peer.join(topic);
  const ref = channel.push("client_helo", { name, mode });
  return { peer, channel, ref };
}

describe("topic", () => {
  test("is told to the others, and found in the reply to the next helo", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const ref = ada.push("client_topic", { topic: "tea" });
    await ada.peer.expectReply(ada.joinRef, ref, ada.topic, "ok", {});
    await bob.expectBroadcast("room_topic", { topic: "tea", client_session_id: ada.id });
    await ada.silent();
    const cyd = officialSocket(server).channel(ada.topic, {});
    cyd.join();
    const helo = await outcome(cyd.push("client_helo", { name: "cyd" }));
    same(helo, ["ok", { id: isId, name: "cyd", topic: { text: "tea", by: "ada", at: isNumber } }]);
  });

  test("is nothing to a client that does not know it", async () => {
    const socket = officialSocket(server);
    const topic = room();
    const channel = socket.channel(topic, {});
    channel.join();
    same(await outcome(channel.push("client_helo", { name: "ada" })), ["ok", { id: isId, name: "ada" }]);
    const peer = await Peer.open(server);
    const bob = await peer.join(topic);
    await bob.helo("bob");
    bob.push("client_topic", { topic: "tea" });
    same(await outcome(channel.push("client_broadcast", { message: "still here" })), ["ok", {}]);
    assert.equal(channel.state, "joined");
  });
});

describe("directory", () => {
  test("is joined, asked and left with the official client", async () => {
    const [ada] = await gather(server, room(), "ada", "bob");
    const rooms = officialSocket(server).channel("rooms", {});
    assert.deepEqual(await outcome(rooms.join()), ["ok", {}]);
    const name = ada.topic.slice("room:".length);
    const list = await outcome(rooms.push("list", { match: name }));
    assert.deepEqual(list, ["ok", { rooms: [{ name, here: 2 }], more: false }]);
    assert.deepEqual(await outcome(rooms.push("client_helo", { name: "x" })), ["error", { reason: "unknown_event" }]);
    assert.deepEqual(await outcome(rooms.leave()), ["ok", {}]);
    assert.equal(rooms.state, "closed");
  });
});

describe("modes", () => {
  test("an observer is a presence that comes without new_user", async () => {
    const [ada] = await gather(server, room(), "ada");
    const { peer, channel, ref } = await enterAs("observer", ada.topic, "log");
    same((await peer.next())[3], "presence_state");
    const reply = await peer.expectReply(channel.joinRef, ref, channel.topic, "ok", { id: isId, name: "log" });
    const id = reply[4].response.id;
    const joins = { [id]: { metas: [meta("log", { mode: "observer" })] } };
    await ada.expectBroadcast("presence_diff", { joins, leaves: {} });
    await ada.silent();
  });

  test("a quiet session is seen by nobody and hears nothing, and what it says is heard as ever", async () => {
    const [ada] = await gather(server, room(), "ada");
    const { peer, channel, ref } = await enterAs("quiet", ada.topic, "ci");
    const reply = await peer.expectReply(channel.joinRef, ref, channel.topic, "ok", { id: isId, name: "ci" });
    const id = reply[4].response.id;
    const said = channel.push("client_broadcast", { message: "done" });
    await peer.expectReply(channel.joinRef, said, channel.topic, "ok", {});
    await ada.expectBroadcast("client_broadcast", { message: "done", client_session_id: id, from: "ci" });
    const back = ada.push("client_broadcast", { message: "thanks" });
    await ada.peer.expectReply(ada.joinRef, back, ada.topic, "ok", {});
    await peer.silent();
    await ada.silent();
  });

  test("without a mode nothing is different, whoever else is there", async () => {
    const [ada] = await gather(server, room(), "ada");
    await enterAs("quiet", ada.topic, "ci");
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    await bob.helo("bob");
    same(Object.keys(bob.state).sort(), [ada.id, bob.id].sort());
    await ada.expectBroadcast("new_user", { id: bob.id, name: "bob" });
    await ada.expectBroadcast("presence_diff", { joins: { [bob.id]: any }, leaves: {} });
    await ada.silent();
  });
});
