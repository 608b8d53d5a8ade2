// SIGTERM: every socket is closed with 1012, nothing else is said, and the process exits 0.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Peer, Server, Wire, gather, room, within } from "./harness.mjs";

describe("SIGTERM", () => {
  const servers = [];
  after(() => Promise.all(servers.map((server) => server.stop())));

  async function start() {
    const server = await Server.start();
    servers.push(server);
    return server;
  }

  async function exitsClean(server) {
    assert.deepEqual(await within(server.exited, "the server to exit", 10_000), { code: 0, signal: null });
  }

  test("closes sockets with channels with 1012, without phx_close, phx_error or diff, and exits 0", async () => {
    const server = await start();
    const members = await gather(server, room(), "ada", "bob", "cyd");
    const peer = await Peer.open(server);
    await peer.join(room());
    server.signal("SIGTERM");
    for (const one of [...members.map((member) => member.peer), peer]) await one.expectClose(1012, { nothing: true });
    await exitsClean(server);
  });

  test("closes sockets without a channel with 1012 too, never with 1000", async () => {
    const server = await start();
    const fresh = await Peer.open(server);
    const left = await Peer.open(server);
    const channel = await left.join(room());
    await channel.ok("phx_leave");
    await left.expect([channel.joinRef, channel.joinRef, channel.topic, "phx_close", {}]);
    server.signal("SIGTERM");
    await fresh.expectClose(1012, { nothing: true });
    await left.expectClose(1012, { nothing: true });
    await exitsClean(server);
  });

  test("without any socket just exits 0", async () => {
    const server = await start();
    server.signal("SIGTERM");
    await exitsClean(server);
  });

  test("sends the close on the wire itself", async () => {
    const server = await start();
    const wire = await Wire.open(server);
    server.signal("SIGTERM");
    assert.equal(await wire.closeCode(), 1012);
    wire.frame(8, [0x03, 0xf4]);
    await wire.ended();
    await exitsClean(server);
  });

  test("is not held up by one who never answers the close, nor by one who never reads", async () => {
    const server = await start();
    const mute = await Wire.open(server);
    const [ada, deaf] = await gather(server, room(), "ada", "deaf");
    deaf.peer.ws.pause();
    server.signal("SIGTERM");
    await ada.peer.expectClose(1012, { nothing: true });
    assert.equal(await mute.closeCode(), 1012);
    await exitsClean(server);
  });

  test("is not held up by a connection that never finished its handshake", async () => {
    const server = await start();
    const [ada] = await gather(server, room(), "ada");
    const net = await import("node:net");
    const half = net.connect(server.port, "127.0.0.1");
    half.on("error", () => {});
    half.write("GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\n");
    await ada.silent();
    server.signal("SIGTERM");
    await ada.peer.expectClose(1012, { nothing: true });
    await exitsClean(server);
    half.destroy();
  });

  test("lets what was pushed before still be answered", async () => {
    const server = await start();
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await ada.ok("client_broadcast", { message: "last words" });
    server.signal("SIGTERM");
    await bob.expectBroadcast("client_broadcast", { message: "last words", client_session_id: ada.id });
    await bob.peer.expectClose(1012, { nothing: true });
    await exitsClean(server);
  });

  test("leaves the port to be taken again at once", async () => {
    const server = await start();
    const [ada] = await gather(server, room(), "ada");
    server.signal("SIGTERM");
    await ada.peer.expectClose(1012);
    await exitsClean(server);
    await server.restart();
    await gather(server, room(), "ada");
  });
});
