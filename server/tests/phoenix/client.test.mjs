// The official client, as everybody uses it.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { WebSocket } from "ws";
import { Presence, Server, eventually, gather, isId, officialSocket, outcome, room, same, serve, any } from "./harness.mjs";

const server = serve();

/** A client that joins and says helo each time it has joined; it keeps all that it is told. */
function enter(where, topic, name, options = {}) {
  const client = { name, socket: officialSocket(where, options), told: [], helos: [] };
  client.channel = client.socket.channel(topic, {});
  client.presence = new Presence(client.channel);
  for (const event of ["new_user", "client_response", "client_broadcast", "client_typing"]) {
    client.channel.on(event, (payload) => client.told.push([event, payload]));
  }
  client.channel.join().receive("ok", () => {
    client.channel.push("client_helo", { name }).receive("ok", (response) => {
      client.id = response.id;
      client.helos.push(response);
    });
  });
  client.names = () => client.presence.list((_, { metas }) => metas[0].name).sort();
  client.sees = (...names) =>
    eventually(() => client.names().join() === [...names].sort().join(), `${name} to see ${names}; sees ${client.names()}`);
  return client;
}

describe("socket and channel", () => {
  test("connects and joins: receive ok", async () => {
    const socket = officialSocket(server);
    const channel = socket.channel(room(), {});
    assert.deepEqual(await outcome(channel.join()), ["ok", {}]);
    assert.equal(channel.state, "joined");
    assert.equal(socket.isConnected(), true);
  });

  test("passes its parameters along without harm", async () => {
    const socket = officialSocket(server, { params: { user: "ada & bob", x: [1, 2], vsn: "9.9.9" } });
    assert.deepEqual(await outcome(socket.channel(room(), {}).join()), ["ok", {}]);
  });

  test("offers an authToken as a subprotocol and is let in", async () => {
    const socket = officialSocket(server, { authToken: "secret" });
    assert.deepEqual(await outcome(socket.channel(room(), {}).join()), ["ok", {}]);
    assert.equal(socket.conn.protocol, "phoenix");
  });

  test("is told when a join is refused", async () => {
    const socket = officialSocket(server);
    const channel = socket.channel("room:", {});
    same(await outcome(channel.join()), ["error", { reason: "invalid_room" }]);
    channel.leave();
  });

  test("pushes before the join is answered wait and are then served", async () => {
    const socket = officialSocket(server);
    const channel = socket.channel(room(), {});
    channel.join();
    same(await outcome(channel.push("client_helo", { name: "ada" })), ["ok", { id: isId, name: "ada" }]);
  });

  test("push: receive ok and receive error", async () => {
    const ada = enter(server, room(), "ada");
    await ada.sees("ada");
    assert.deepEqual(await outcome(ada.channel.push("client_broadcast", { message: "x" })), ["ok", {}]);
    assert.deepEqual(await outcome(ada.channel.push("client_response", { message: "x", recipient: "nobody" })), [
      "error",
      { reason: "unknown_recipient" },
    ]);
    assert.deepEqual(await outcome(ada.channel.push("bogus", {})), ["error", { reason: "unknown_event" }]);
    assert.deepEqual(await outcome(ada.channel.push("client_status", { state: "away" })), ["ok", {}]);
    assert.deepEqual(await outcome(ada.channel.push("client_typing", { typing: true })), ["ok", {}]);
  });

  test("leave is answered ok, closes the channel and lets it join anew", async () => {
    const topic = room();
    const [ada, bob] = [enter(server, topic, "ada"), enter(server, topic, "bob")];
    await ada.sees("ada", "bob");
    await bob.sees("ada", "bob");
    let closed = 0;
    bob.channel.onClose(() => closed++);
    assert.deepEqual(await outcome(bob.channel.leave()), ["ok", {}]);
    await eventually(() => closed > 0, "onClose");
    assert.equal(bob.channel.state, "closed");
    await ada.sees("ada");
    const again = bob.socket.channel(topic, {});
    assert.deepEqual(await outcome(again.join()), ["ok", {}]);
  });

  test("leave after far too many pushes closes the channel, too: the client tries only once", async () => {
    const topic = room();
    const [ada, bob] = [enter(server, topic, "ada"), enter(server, topic, "bob")];
    await ada.sees("ada", "bob");
    await eventually(() => bob.id, "bob to be in");
    for (let n = 0; n < 350; n++) bob.channel.push("client_typing", { typing: true });
    assert.deepEqual(await outcome(bob.channel.leave()), ["ok", {}]);
    await eventually(() => bob.channel.state === "closed", "the channel to be closed");
    await ada.sees("ada");
  });

  test("a second channel object on one topic takes the place of the first", async () => {
    const topic = room();
    const [ada, bob] = [enter(server, topic, "ada"), enter(server, topic, "bob")];
    await ada.sees("ada", "bob");
    await bob.sees("ada", "bob");
    const second = bob.socket.channel(topic, {});
    second.onMessage = (event, payload) => payload;
    assert.deepEqual(await outcome(second.join()), ["ok", {}]);
    same(await outcome(second.push("client_helo", { name: "bob again" })), ["ok", { id: isId, name: "bob again" }]);
    await ada.sees("ada", "bob again");
    assert.equal(bob.channel.state, "closed");
    assert.equal(second.state, "joined");
  });

  test("two rooms on one socket do not mix", async () => {
    const [one, two] = [room(), room()];
    const ada = enter(server, one, "ada");
    await ada.sees("ada");
    const other = ada.socket.channel(two, {});
    const told = [];
    other.on("client_broadcast", (payload) => told.push(payload));
    await outcome(other.join());
    await outcome(other.push("client_helo", { name: "ada two" }));
    const bob = enter(server, two, "bob");
    await bob.sees("ada two", "bob");
    await outcome(bob.channel.push("client_broadcast", { message: "two" }));
    await eventually(() => told.length === 1, "the broadcast");
    assert.deepEqual(ada.told, []);
    assert.deepEqual(ada.names(), ["ada"]);
  });

  test("heartbeats are answered: the socket stays open over many of them", async () => {
    const socket = officialSocket(server, { heartbeatIntervalMs: 25 });
    let beats = 0;
    let closes = 0;
    socket.onMessage(({ topic, event }) => {
      if (topic === "phoenix" && event === "phx_reply") beats++;
    });
    socket.onClose(() => closes++);
    await eventually(() => beats >= 10, "ten heartbeats");
    assert.equal(closes, 0);
    assert.equal(socket.isConnected(), true);
  });

  test("ping gives a round trip time", async () => {
    const socket = officialSocket(server);
    await eventually(() => socket.isConnected(), "the socket to open");
    let rtt;
    assert.equal(socket.ping((ms) => (rtt = ms)), true);
    await eventually(() => rtt !== undefined, "the ping");
  });

  test("V1 is refused for now, and the client is told by an error", async () => {
    const socket = officialSocket(server, { vsn: "1.0.0", reconnectAfterMs: () => 60_000 });
    let error;
    socket.onError((event) => (error = event));
    await eventually(() => error !== undefined, "an error");
    assert.match(String(error.message ?? error.error), /403/);
    socket.disconnect();
  });
});

describe("Presence", () => {
  test("onJoin, onLeave and onSync agree among three clients, whoever came when", async () => {
    const topic = room();
    const log = new Map();
    function enterLogged(name) {
      const client = enter(server, topic, name);
      const calls = { joined: [], left: [], syncs: 0 };
      client.presence.onJoin((id, current, { metas }) => {
        if (!current) calls.joined.push(metas[0].name);
      });
      client.presence.onLeave((id, current, { metas }) => {
        if (current.metas.length === 0) calls.left.push(metas[0].name);
      });
      client.presence.onSync(() => calls.syncs++);
      log.set(name, calls);
      return client;
    }
    const ada = enterLogged("ada");
    await ada.sees("ada");
    const bob = enterLogged("bob");
    await bob.sees("ada", "bob");
    const cyd = enterLogged("cyd");
    for (const client of [ada, bob, cyd]) await client.sees("ada", "bob", "cyd");
    await outcome(bob.channel.leave());
    for (const client of [ada, cyd]) await client.sees("ada", "cyd");
    cyd.socket.disconnect();
    await ada.sees("ada");

    assert.deepEqual(log.get("ada").joined, ["ada", "bob", "cyd"]);
    assert.deepEqual(log.get("ada").left, ["bob", "cyd"]);
    assert.deepEqual(log.get("bob").joined.sort(), ["ada", "bob", "cyd"]);
    assert.deepEqual(log.get("bob").left, []);
    assert.deepEqual(log.get("cyd").joined.sort(), ["ada", "bob", "cyd"]);
    assert.deepEqual(log.get("cyd").left, ["bob"]);
    for (const { syncs } of log.values()) assert.ok(syncs > 0);
  });

  test("a status and a rename are updates: one meta a key, nobody leaves", async () => {
    const topic = room();
    const [ada, bob] = [enter(server, topic, "ada"), enter(server, topic, "bob")];
    for (const client of [ada, bob]) await client.sees("ada", "bob");
    await outcome(bob.channel.push("client_status", { state: "away", text: "lunch" }));
    await eventually(() => ada.presence.state[bob.id].metas[0].state === "away", "the status");
    await outcome(bob.channel.push("client_helo", { name: "robert" }));
    for (const client of [ada, bob]) {
      await client.sees("ada", "robert");
      assert.equal(client.presence.state[bob.id].metas.length, 1);
      assert.deepEqual(Object.keys(client.presence.state).sort(), [ada.id, bob.id].sort());
    }
  });

  test("ten clients that come at once all see the same ten", async () => {
    const topic = room();
    const names = [..."abcdefghij"];
    const clients = names.map((name) => enter(server, topic, name));
    for (const client of clients) await client.sees(...names);
    const states = clients.map(({ presence }) => JSON.stringify(Object.entries(presence.state).sort()));
    assert.equal(new Set(states).size, 1);
  });

  test("the official client and the raw peer see each other alike", async () => {
    const [raw] = await gather(server, room(), "raw");
    const ada = enter(server, raw.topic, "ada");
    await ada.sees("ada", "raw");
    await raw.expectBroadcast("new_user", { id: ada.id, name: "ada" });
    await raw.expectBroadcast("presence_diff", (diff) => ada.id in diff.joins);
    await raw.ok("client_response", { message: "hello there ada", recipient: ada.id });
    await eventually(() => ada.told.length === 1, "the answer");
    assert.deepEqual(ada.told, [
      ["client_response", { message: "hello there ada", recipient: ada.id, client_session_id: raw.id }],
    ]);
  });
});

describe("the flow", () => {
  test("of three clients that greet whoever comes, the third gets exactly two answers", async () => {
    const topic = room();
    const greeters = [];
    async function greet(name) {
      const client = enter(server, topic, name);
      client.channel.on("new_user", ({ id, name: newcomer, answer }) => {
        if (answer === false) return;
        client.channel.push("client_response", { message: `hello there ${newcomer}`, recipient: id });
      });
      greeters.push(client);
      await eventually(() => client.id, "its id");
      for (const other of greeters) await other.sees(...greeters.map((one) => one.name));
      return client;
    }
    const ada = await greet("ada");
    const bob = await greet("bob");
    const cyd = await greet("cyd");
    const answers = (client) => client.told.filter(([event]) => event === "client_response").map(([, payload]) => payload);
    await eventually(() => answers(cyd).length >= 2, "two answers");
    await eventually(() => answers(bob).length >= 1, "one answer");
    // A round trip each, so that a further answer would have come by now.
    for (const client of greeters) await outcome(client.channel.push("client_typing", { typing: false }));
    const bySender = (left, right) => left.client_session_id.localeCompare(right.client_session_id);
    assert.deepEqual(
      answers(cyd).sort(bySender),
      [ada, bob]
        .map(({ id }) => ({ message: "hello there cyd", recipient: cyd.id, client_session_id: id }))
        .sort(bySender),
    );
    assert.deepEqual(answers(bob), [{ message: "hello there bob", recipient: bob.id, client_session_id: ada.id }]);
    assert.deepEqual(answers(ada), []);
  });

  test("a broadcast reaches the two others, as it was said", async () => {
    const topic = room();
    const [ada, bob, cyd] = ["ada", "bob", "cyd"].map((name) => enter(server, topic, name));
    for (const client of [ada, bob, cyd]) await client.sees("ada", "bob", "cyd");
    const message = { text: "zażółć \u{1f426}", list: [1, null, { deep: true }] };
    assert.deepEqual(await outcome(ada.channel.push("client_broadcast", { message })), ["ok", {}]);
    const broadcasts = (client) => client.told.filter(([event]) => event === "client_broadcast");
    for (const client of [bob, cyd]) {
      await eventually(() => broadcasts(client).length > 0, "the broadcast");
      assert.deepEqual(broadcasts(client), [["client_broadcast", { message, client_session_id: ada.id }]]);
    }
    assert.deepEqual(broadcasts(ada), []);
  });
});

describe("when the server goes away", () => {
  const QUICK = { reconnectAfterMs: () => 20, rejoinAfterMs: () => 20 };

  for (const [end, why] of [
    [(own) => own.kill(), "is killed"],
    [
      async (own) => {
        own.signal("SIGTERM");
        await own.exited;
      },
      "drains on SIGTERM",
    ],
  ]) {
    test(`and ${why}, and comes back on the same port, both clients reconnect, rejoin and say helo again`, async () => {
      const own = await Server.start();
      try {
        const topic = room();
        const [ada, bob] = [enter(own, topic, "ada", QUICK), enter(own, topic, "bob", QUICK)];
        for (const client of [ada, bob]) await client.sees("ada", "bob");
        const before = [ada.id, bob.id];
        await end(own);
        for (const { channel } of [ada, bob]) await eventually(() => channel.state === "errored", "both to notice");
        await own.restart();
        await eventually(() => ada.helos.length === 2 && bob.helos.length === 2, "both to say helo again");
        for (const client of [ada, bob]) {
          await client.sees("ada", "bob");
          assert.ok(!before.includes(client.id));
          assert.deepEqual(Object.keys(client.presence.state).sort(), [ada.id, bob.id].sort());
        }
        ada.told.length = 0;
        assert.deepEqual(await outcome(bob.channel.push("client_broadcast", { message: "again" })), ["ok", {}]);
        await eventually(() => ada.told.length > 0, "a broadcast");
        assert.deepEqual(ada.told, [["client_broadcast", { message: "again", client_session_id: bob.id }]]);
      } finally {
        await own.stop();
      }
    });
  }

  test("a connection that is lost is one leave and one arrival to the others", async () => {
    const topic = room();
    const [ada] = await gather(server, topic, "ada");
    const bob = enter(server, topic, "bob", QUICK);
    await bob.sees("ada", "bob");
    const first = bob.id;
    await ada.expectBroadcast("new_user", { id: first, name: "bob" });
    await ada.expectBroadcast("presence_diff", any);
    bob.socket.conn.terminate();
    await eventually(() => bob.helos.length === 2, "bob to be back");
    const leave = (await ada.expectBroadcast("presence_diff", any))[4];
    assert.deepEqual([Object.keys(leave.joins), Object.keys(leave.leaves)], [[], [first]]);
    await ada.expectBroadcast("new_user", { id: bob.id, name: "bob" });
    const arrival = (await ada.expectBroadcast("presence_diff", any))[4];
    assert.deepEqual([Object.keys(arrival.joins), Object.keys(arrival.leaves)], [[bob.id], []]);
    await ada.silent();
  });

  test("a client that is not there when the server starts gets in later", async () => {
    const own = await Server.start();
    try {
      await own.kill();
      const ada = enter(own, room(), "ada", QUICK);
      let errors = 0;
      ada.socket.onError(() => errors++);
      await eventually(() => errors >= 2, "two failed tries");
      await own.restart();
      await ada.sees("ada");
      assert.ok(ada.socket.conn instanceof WebSocket);
    } finally {
      await own.stop();
    }
  });
});
