// Who does not read: the others go on, and it ends with 1013.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Server, gather, marker, room, serve, within } from "./harness.mjs";

const server = serve("--max-pushes-per-second", "0");
const BIG = "x".repeat(60_000);

/** Broadcasts until the room sees this member leave; gives how many broadcasts it took. */
async function drown(slow, sender, watcher, message, most) {
  for (let sent = 1; sent <= most; sent++) {
    sender.push("client_broadcast", { message });
    const frames = [await watcher.peer.next("a broadcast")];
    // The leave may come before or after this very broadcast.
    if (frames[0][3] === "presence_diff") frames.push(await watcher.peer.next("a broadcast"));
    const leave = frames.find(([, , , event]) => event === "presence_diff");
    if (leave) {
      assert.deepEqual(Object.keys(leave[4].leaves), [slow.id]);
      return sent;
    }
  }
  assert.fail(`still present after ${most} broadcasts it did not read`);
}

/** The sender's replies and the leave it saw are read and dropped. */
async function settle(sender) {
  sender.peer.take();
  const ref = `settle-${sender.peer.ref()}`;
  sender.peer.send([null, ref, "phoenix", "heartbeat", {}]);
  await sender.peer.until((frame) => frame[1] === ref);
}

test("a member that sends much and reads all is not too slow", async () => {
  const own = await Server.start("--max-stall", "100ms", "--max-pushes-per-second", "0");
  try {
    const [ada] = await gather(own, room(), "ada");
    const refs = Array.from({ length: 600 }, () => ada.push("client_broadcast", { message: BIG }));
    for (const ref of refs) assert.equal((await ada.peer.next("a reply"))[1], ref);
  } finally {
    await own.stop();
  }
});

describe("a member that does not read", () => {
  for (const [message, most, why] of [
    [BIG, 1_000, "by bytes"],
    ["x", 200_000, "by frames, however small"],
  ]) {
    test(`is closed with 1013 "too slow" (${why}); the others never wait for it`, async () => {
      const [ada, bob, slow] = await gather(server, room(), "ada", "bob", "slow");
      slow.peer.ws.pause();
      // Every broadcast is read by the watcher before the next is sent: nobody else falls behind.
      await within(drown(slow, ada, bob, message, most), "the slow one to be put out", 60_000);
      slow.peer.ws.resume();
      await settle(ada);
      await marker(ada, bob);
      await marker(bob, ada);
      const { reason } = await slow.peer.expectClose(1013);
      assert.equal(reason, "too slow");
    });
  }

  test("at all for too long is closed, however little waits for it", async () => {
    const own = await Server.start("--max-stall", "500ms", "--max-pushes-per-second", "0", "--max-queue-bytes", "100000000");
    try {
      const [ada, slow] = await gather(own, room(), "ada", "slow");
      slow.peer.ws.pause();
      // More than the two kernels hold between them, and far less than may wait.
      const refs = new Set(Array.from({ length: 250 }, () => ada.push("client_broadcast", { message: BIG })));
      const leaves = [];
      while (refs.size > 0 || leaves.length === 0) {
        const [, ref, , event, payload] = await ada.peer.next("the replies and the leave");
        if (event === "presence_diff") leaves.push(...Object.keys(payload.leaves));
        else assert.ok(refs.delete(ref));
      }
      assert.deepEqual(leaves, [slow.id]);
      await ada.silent();
    } finally {
      await own.stop();
    }
  });

  test("loses nothing that came before the close: no gap", async () => {
    const [ada, bob, slow] = await gather(server, room(), "ada", "bob", "slow");
    slow.peer.ws.pause();
    let number = 0;
    for (; number < 1_000; number++) {
      ada.push("client_broadcast", { message: { number, pad: BIG } });
      const frame = await bob.peer.next();
      if (frame[3] === "presence_diff") break;
    }
    slow.peer.ws.resume();
    await slow.peer.closed;
    const seen = slow.peer.take().map((frame) => frame[4].message.number);
    assert.ok(seen.length > 0);
    assert.deepEqual(seen, seen.map((_, at) => at));
  });

  test("that reads again in time keeps its place and misses nothing", async () => {
    const [ada, bob, slow] = await gather(server, room(), "ada", "bob", "slow");
    slow.peer.ws.pause();
    for (let n = 0; n < 12; n++) {
      await ada.ok("client_broadcast", { message: { n, pad: BIG } });
      await bob.peer.next();
    }
    slow.peer.ws.resume();
    for (let n = 0; n < 12; n++) assert.equal((await slow.peer.next())[4].message.n, n);
    await marker(slow, ada, bob);
  });

  test("that floods and does not read its own replies harms nobody", async () => {
    const [ada, bob, slow] = await gather(server, room(), "ada", "bob", "slow");
    slow.peer.ws.pause();
    for (let n = 0; n < 20_000; n++) slow.peer.send([null, "r".repeat(200), "phoenix", "heartbeat", {}]);
    const strays = [];
    for (let n = 0; n < 50; n++) {
      const ref = ada.push("client_broadcast", { message: n });
      strays.push(...(await ada.peer.until(([, replied]) => replied === ref)).slice(0, -1));
      const heard = await bob.peer.until(([, , , event]) => event === "client_broadcast");
      assert.deepEqual(heard.at(-1)[4], { message: n, client_session_id: ada.id });
      strays.push(...heard.slice(0, -1));
    }
    // It may be put out meanwhile, and then each sees it leave.
    for (const [, , , event, payload] of strays) {
      assert.deepEqual([event, Object.keys(payload.leaves ?? {})], ["presence_diff", [slow.id]]);
    }
  });
});
