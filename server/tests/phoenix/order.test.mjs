// One order per room: every member sees what is for it in one and the same order. Replies come in the order of the pushes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, gather, joined, room, same, serve, any, within } from "./harness.mjs";

const server = serve("--max-pushes-per-second", "0");
const EACH = 200;

const isLast = (id) => (frame) => frame[3] === "client_broadcast" && frame[4].message === EACH - 1 && frame[4].client_session_id === id;

/** Reads on until the last broadcast of each sender has come. */
async function readAll(member, senders) {
  const missing = new Set(senders.map(({ id }) => id));
  const frames = [];
  while (missing.size > 0) {
    const frame = await member.peer.next("more broadcasts");
    frames.push(frame);
    for (const id of missing) if (isLast(id)(frame)) missing.delete(id);
  }
  return frames;
}

describe("one order", () => {
  test("three members see the same interleaving of two senders, and each sender's own order", async () => {
    const [ada, bob, ...listeners] = await gather(server, room(), "ada", "bob", "cyd", "dan", "eve");
    for (let n = 0; n < EACH; n++) {
      ada.push("client_broadcast", { message: n });
      bob.push("client_broadcast", { message: n });
    }
    const seen = await Promise.all(listeners.map((member) => readAll(member, [ada, bob])));
    assert.equal(seen[0].length, 2 * EACH);
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
    for (const sender of [ada, bob]) {
      const own = seen[0].filter((frame) => frame[4].client_session_id === sender.id).map((frame) => frame[4].message);
      assert.deepEqual(own, Array.from({ length: EACH }, (_, n) => n));
    }
  });

  test("arrivals, renames and leaves take their place in it", async () => {
    const topic = room();
    const [ada, bob, ...listeners] = await gather(server, topic, "ada", "bob", "cyd", "dan", "eve");
    const moths = [];
    for (let n = 0; n < EACH; n++) {
      ada.push("client_broadcast", { message: n });
      bob.push("client_broadcast", { message: n });
      if (n % 20 === 0) {
        moths.push(
          (async () => {
            const peer = await Peer.open(server);
            const moth = await peer.join(topic);
            moth.push("client_helo", { name: `moth ${n}` });
            moth.push("client_helo", { name: `renamed ${n}` });
            moth.push("phx_leave");
            await peer.until(([, , , event]) => event === "phx_close");
          })(),
        );
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await within(Promise.all(moths), "all moths to leave");
    const seen = [];
    for (const member of listeners) {
      const frames = await readAll(member, [ada, bob]);
      const arrived = frames.filter((frame) => frame[3] === "new_user").length;
      if (arrived < 10) frames.push(...(await member.peer.until(lastArrival(10 - arrived))));
      const ref = member.push("nothing more");
      frames.push(...(await member.peer.until(([, replied]) => replied === ref)).slice(0, -1));
      seen.push(frames);
    }
    for (const frames of seen.slice(1)) assert.deepEqual(withoutAnswer(frames), withoutAnswer(seen[0]));
    // Ten came and went: at the end nobody new is present.
    const present = new Set();
    for (const [, , , event, payload] of seen[0]) {
      if (event !== "presence_diff") continue;
      for (const id of Object.keys(payload.leaves)) present.delete(id);
      for (const id of Object.keys(payload.joins)) present.add(id);
    }
    assert.equal(present.size, 0);
  });

  function lastArrival(count) {
    return ([, , , event]) => event === "new_user" && --count === 0;
  }

  // Whether one is asked to answer differs from member to member.
  function withoutAnswer(frames) {
    return frames.map(([joinRef, ref, topic, event, { answer, ...payload }]) => [joinRef, ref, topic, event, payload]);
  }

  test("what is for one member alone takes its place in it too", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    for (let n = 0; n < EACH; n++) {
      if (n % 3 === 0) ada.push("client_response", { message: n, recipient: bob.id });
      else ada.push("client_broadcast", { message: n });
    }
    for (let n = 0; n < EACH; n++) {
      const frame = await bob.peer.next();
      assert.equal(frame[3], n % 3 === 0 ? "client_response" : "client_broadcast");
      assert.equal(frame[4].message, n);
    }
    for (let n = 0; n < EACH; n++) {
      if (n % 3 !== 0) assert.equal((await cyd.peer.next())[4].message, n);
    }
    await cyd.silent();
  });

  test("an answer to an arrival never comes before the newcomer's state", async () => {
    const [ada] = await gather(server, room(), "ada");
    for (let n = 0; n < 20; n++) {
      const peer = await Peer.open(server);
      const channel = await peer.join(ada.topic);
      channel.push("client_helo", { name: `n${n}` });
      const arrival = await ada.peer.until(([, , , event]) => event === "new_user");
      ada.push("client_response", { message: "hello", recipient: arrival.at(-1)[4].id });
      const events = (await peer.until(([, , , event]) => event === "client_response")).map(([, , , event]) => event);
      // The leave of the one before may come at any time, for this one has joined.
      assert.ok(events.includes("presence_state"), `came as ${events}`);
      peer.end();
    }
  });

  test("diffs come after the state they are not in: the outcome converges", async () => {
    const topic = room();
    const peers = await Promise.all(Array.from({ length: 12 }, () => Peer.open(server)));
    const channels = await Promise.all(peers.map((peer) => peer.join(topic)));
    for (const [n, channel] of channels.entries()) channel.push("client_helo", { name: `n${n}` });
    // The first six rename and leave at once; the others stay and must agree.
    for (const channel of channels.slice(0, 6)) {
      channel.push("client_helo", { name: "renamed" });
      channel.push("phx_leave");
    }
    const staying = ["n10", "n11", "n6", "n7", "n8", "n9"];
    const views = [];
    for (const channel of channels.slice(6)) {
      let view = new Map();
      let told = false;
      while (!told || [...view.values()].sort().join() !== staying.join()) {
        const [, , , event, payload] = await channel.peer.next("the room to come to rest");
        if (event === "presence_state") {
          view = new Map(Object.entries(payload).map(([id, { metas }]) => [id, metas[0].name]));
          told = true;
        } else if (event === "presence_diff") {
          for (const [id, { metas }] of Object.entries(payload.joins)) view.set(id, metas[0].name);
          for (const id of Object.keys(payload.leaves)) if (!(id in payload.joins)) view.delete(id);
        }
      }
      views.push(Object.fromEntries([...view].sort()));
    }
    for (const view of views.slice(1)) assert.deepEqual(view, views[0]);
  });
});

describe("replies", () => {
  test("come in the order of 1,000 pushes of all kinds", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const pushes = [];
    for (let n = 0; n < 1_000; n++) {
      if (n % 5 === 0) pushes.push(ada.push("client_broadcast", { message: n }));
      if (n % 5 === 1) pushes.push(ada.push("client_response", { message: n, recipient: bob.id }));
      if (n % 5 === 2) pushes.push(ada.push("bogus", {}));
      if (n % 5 === 3) pushes.push(ada.push("client_response", { message: n, recipient: "nobody" }));
      if (n % 5 === 4) {
        const ref = `h${n}`;
        ada.peer.send([null, ref, "phoenix", "heartbeat", {}]);
        pushes.push(ref);
      }
    }
    for (const ref of pushes) assert.equal((await ada.peer.next())[1], ref);
  });

  test("come in order across the channels of one socket", async () => {
    const peer = await Peer.open(server);
    const channels = [];
    for (let n = 0; n < 5; n++) {
      const channel = await peer.join(room());
      await channel.helo("ada");
      channels.push(channel);
    }
    const refs = Array.from({ length: 200 }, (_, n) => channels[n % 5].push("client_broadcast", { message: n }));
    for (const [n, ref] of refs.entries()) {
      same(await peer.next(), [any, ref, channels[n % 5].topic, "phx_reply", { status: "ok", response: {} }]);
    }
  });

  test("a join, a helo and a push sent in one go are all served", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    peer.send(["11", "1", ada.topic, "phx_join", {}]);
    peer.send(["11", "2", ada.topic, "client_helo", { name: "bob" }]);
    peer.send(["11", "3", ada.topic, "client_broadcast", { message: "in a hurry" }]);
    const frames = await peer.until(([, ref]) => ref === "3");
    const replies = frames.filter(([, , , event]) => event === "phx_reply");
    assert.deepEqual(replies.map(([, ref, , , { status }]) => [ref, status]), [["1", "ok"], ["2", "ok"], ["3", "ok"]]);
    const { id } = replies[1][4].response;
    await ada.expectBroadcast("new_user", { id, name: "bob" });
    await ada.expectBroadcast("presence_diff", joined(id, any));
    await ada.expectBroadcast("client_broadcast", { message: "in a hurry", client_session_id: id });
  });
});
