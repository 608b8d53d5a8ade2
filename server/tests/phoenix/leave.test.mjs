// A session leaves exactly once, whatever ended it.

import { describe, test } from "node:test";
import { Peer, Wire, gather, joined, marker, room, serve, any, isId } from "./harness.mjs";

const server = serve();

describe("the room sees one leave diff, and no second one", () => {
  for (const [end, why] of [
    [(bob) => bob.push("phx_leave"), "on phx_leave"],
    [(bob) => bob.peer.ws.close(1000), "on a close 1000"],
    [(bob) => bob.peer.ws.close(1001), "on a close 1001"],
    [(bob) => bob.peer.ws.close(), "on a close without a code"],
    [(bob) => bob.peer.ws.terminate(), "when the connection just ends"],
    [(bob) => bob.peer.ws._socket.resetAndDestroy(), "when the connection is reset"],
    [(bob) => bob.peer.text("hello"), "on a frame that is none"],
    [(bob) => bob.peer.ws.send(Buffer.from([255, 255])), "on a binary frame"],
    [
      (bob) => {
        bob.push("phx_leave");
        bob.push("phx_leave");
        bob.peer.ws.close();
      },
      "on two phx_leaves and a close",
    ],
    [
      (bob) => {
        bob.push("phx_leave");
        bob.peer.ws.terminate();
      },
      "on a phx_leave just before the connection ends",
    ],
    [(bob) => bob.peer.send(["77", "78", bob.topic, "phx_join", {}]), "on a second join"],
    [
      (bob) => {
        bob.peer.send(["77", "78", bob.topic, "phx_join", {}]);
        bob.peer.ws.close();
      },
      "on a second join and a close",
    ],
    [
      (bob) => {
        bob.peer.send(["77", "78", bob.topic, "phx_join", {}]);
        bob.peer.send(["77", "79", bob.topic, "phx_leave", {}]);
        bob.peer.text("]");
      },
      "on a second join, a phx_leave and a frame that is none",
    ],
  ]) {
    test(why, async () => {
      const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
      end(bob);
      for (const other of [ada, cyd]) await other.seesLeave(bob);
      await marker(ada, cyd);
      await marker(cyd, ada);
      // Whoever comes now sees the rest only.
      const peer = await Peer.open(server);
      const dan = await peer.join(ada.topic);
      await dan.helo("dan");
      for (const other of [ada, cyd]) await other.sees(dan);
      await dan.silent();
      if (bob.id in dan.state) throw new Error("the one who left is still there");
    });
  }

  test("one for each room of the socket that ended", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const adaTwo = await ada.peer.join(room());
    await adaTwo.helo("ada");
    const bobTwo = await bob.peer.join(adaTwo.topic);
    await bobTwo.helo("bob");
    await adaTwo.sees(bobTwo);
    bob.peer.end();
    const topics = [(await ada.peer.next())[2], (await ada.peer.next())[2]];
    if (new Set(topics).size !== 2) throw new Error(`both leaves were of ${topics[0]}`);
    await ada.silent();
  });

  test("none for a member that has not said helo", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const peer = await Peer.open(server);
    const lurker = await peer.join(ada.topic);
    await lurker.ok("phx_leave");
    const other = await Peer.open(server);
    await other.join(ada.topic);
    other.end();
    await other.closed;
    await marker(ada, bob);
    await ada.silent();
  });

  test("ten that end at once are ten leaves", async () => {
    const [ada, ...others] = await gather(server, room(), "ada", ..."abcdefghij");
    for (const { peer } of others) peer.end();
    const gone = new Set();
    while (gone.size < 10) {
      const [, , , event, payload] = await ada.peer.next("a leave");
      if (event !== "presence_diff") throw new Error(`got ${event}`);
      for (const id of Object.keys(payload.leaves)) {
        if (gone.has(id)) throw new Error("one left twice");
        gone.add(id);
      }
    }
    await ada.silent();
  });

  test("nothing said by one who is gone arrives after its leave", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    bob.push("client_broadcast", { message: "last words" });
    bob.push("phx_leave");
    bob.push("client_broadcast", { message: "from beyond" });
    await ada.expectBroadcast("client_broadcast", { message: "last words", client_session_id: bob.id });
    await ada.seesLeave(bob);
    await ada.silent();
  });

  test("a helo whose connection ends at once is an arrival and a leave, or neither", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const wire = await Wire.open(server);
    wire.text(["11", "1", ada.topic, "phx_join", {}]);
    wire.text(["11", "2", ada.topic, "client_helo", { name: "moth" }]);
    wire.text(["11", "3", ada.topic, "client_broadcast", { message: "end" }]);
    const { id } = (await ada.expectBroadcast("new_user", { id: isId, name: "moth" }))[4];
    wire.end();
    const diff = await ada.expectBroadcast("presence_diff", joined(id, any));
    await ada.expectBroadcast("client_broadcast", { message: "end", client_session_id: id });
    await ada.seesLeave({ id, meta: diff[4].joins[id].metas[0] });
    await ada.silent();
    await bob.peer.until(([, , , event, payload]) => event === "presence_diff" && id in payload.leaves);
    await marker(ada, bob);
  });
});
