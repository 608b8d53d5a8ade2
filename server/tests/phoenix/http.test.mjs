// Before the first frame: which requests become a socket, and what the others are told.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, Server, Wire, acceptKey, handshake, request, serve } from "./harness.mjs";

const server = serve();

describe("upgrade", () => {
  for (const [query, why] of [
    ["vsn=2.0.0", "the plain one"],
    ["vsn=2.0.7", "a patch level"],
    ["vsn=2.0.123", "a patch level of three digits"],
    ["vsn=2%2E0%2E0", "percent-encoded dots"],
    ["vsn=%32.0.0", "a percent-encoded digit"],
    ["vs%6E=2.0.0", "a percent-encoded key"],
    ["foo=bar&vsn=2.0.0", "another parameter before"],
    ["vsn=2.0.0&foo=bar&baz", "other parameters after"],
    ["foo=%E2%98%83&vsn=2.0.0&x=a+b%26c", "other parameters, encoded"],
    ["&vsn=2.0.0&", "empty parameters"],
    ["vsn=abc&vsn=2.0.0", "repeated: the last one counts, for the official client appends its own"],
  ]) {
    test(`?${query} is V2 (${why})`, async () => {
      const peer = await Peer.open(server, query);
      await peer.silent();
    });
  }

  for (const [query, why] of [
    ["vsn=1.0.0", "V1 is not served yet"],
    ["", "no vsn means V1"],
    ["foo=bar", "no vsn means V1, other parameters or not"],
    ["vsn=2.1.0", "another minor"],
    ["vsn=3.0.0", "another major"],
    ["vsn=20.0.0", "2 is not 20"],
    ["vsn=2.00.0", "not a version"],
    ["vsn=2", "not a whole version"],
    ["vsn=2.0", "not a whole version"],
    ["vsn=2.0.", "not a whole version"],
    ["vsn=2.0.0.0", "too much of a version"],
    ["vsn=2.0.x", "no number"],
    ["vsn=2.0.-1", "no number"],
    ["vsn=v2.0.0", "no number"],
    ["vsn=abc", "no version"],
    ["vsn=", "empty"],
    ["vsn", "a key without a value"],
    ["VSN=2.0.0", "keys tell case apart"],
    ["vsn=2.0.0&vsn=abc", "repeated: the last one counts"],
    ["vsn=%", "a broken escape is no version"],
  ]) {
    test(`?${query} is refused with 403 and an empty body (${why})`, async () => {
      const { status, body } = await request(server, `/socket/websocket?${query}`, { upgrade: true });
      assert.deepEqual({ status, body }, { status: 403, body: "" });
    });
  }

  test("a path without any query is refused like a missing vsn", async () => {
    const { status, body } = await request(server, "/socket/websocket", { upgrade: true });
    assert.deepEqual({ status, body }, { status: 403, body: "" });
  });

  test("the answer is 101 with the accept key and nothing that was not asked for", async () => {
    const { status, headers } = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true });
    assert.equal(status, 101);
    assert.equal(headers["sec-websocket-accept"], acceptKey());
    assert.equal(headers.upgrade.toLowerCase(), "websocket");
    assert.match(headers.connection, /upgrade/i);
    assert.equal(headers["sec-websocket-protocol"], undefined);
    assert.equal(headers["sec-websocket-extensions"], undefined);
  });

  test("the subprotocol phoenix is answered", async () => {
    const headers = { "Sec-WebSocket-Protocol": "phoenix" };
    const answer = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
    assert.equal(answer.status, 101);
    assert.equal(answer.headers["sec-websocket-protocol"], "phoenix");
  });

  test("of phoenix and a bearer token, phoenix is answered and never the token", async () => {
    const headers = { "Sec-WebSocket-Protocol": "phoenix, base64url.bearer.phx.c2VjcmV0" };
    const answer = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
    assert.equal(answer.status, 101);
    assert.equal(answer.headers["sec-websocket-protocol"], "phoenix");
  });

  test("a subprotocol nobody knows is not answered", async () => {
    const headers = { "Sec-WebSocket-Protocol": "soap" };
    const answer = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
    assert.equal(answer.headers["sec-websocket-protocol"], undefined);
  });

  test("compression is declined", async () => {
    const headers = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
    const answer = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
    assert.equal(answer.status, 101);
    assert.equal(answer.headers["sec-websocket-extensions"], undefined);
  });

  for (const [headers, why] of [
    [{ Connection: "keep-alive, Upgrade" }, "Connection as Firefox sends it"],
    [{ Connection: "upgrade", Upgrade: "WebSocket" }, "another case"],
    [{ "X-Filler": "x".repeat(2_000) }, "a long header"],
  ]) {
    test(`a handshake with ${why} is accepted`, async () => {
      const { status } = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
      assert.equal(status, 101);
    });
  }

  test("a page of the server's own address may connect", async () => {
    const headers = { Origin: `http://127.0.0.1:${server.port}` };
    const { status } = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
    assert.equal(status, 101);
  });

  for (const [headers, why] of [
    [{ Origin: "http://localhost:4000" }, "another port"],
    [{ Origin: "https://evil.example" }, "another site"],
    [{ Origin: "null" }, "no site at all"],
    [{ Host: "evil.example", Origin: "http://evil.example" }, "a name that was made to lead here"],
  ]) {
    test(`a page of ${why} is refused with 403 and a sentence`, async () => {
      const { status, body } = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
      assert.equal(status, 403);
      assert.match(body, /\w+ \w+/);
    });
  }

  test("a page whose origin is allowed may connect", async () => {
    const own = await Server.start("--allow-origin", "https://chat.example");
    try {
      const headers = { Origin: "https://chat.example" };
      const { status } = await request(own, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
      assert.equal(status, 101);
    } finally {
      await own.stop();
    }
  });

  test("a handshake of more than 8 KiB is refused", async () => {
    const headers = { "X-Filler": "x".repeat(9_000) };
    const wire = await Wire.open(server, { head: handshake(server, { headers }) });
    await wire.ended();
    assert.match(wire.head, /^(HTTP\/1\.1 4|$)/);
  });

  test("a handshake that comes in pieces is accepted", async () => {
    const wire = await Wire.open(server, { head: handshake(server), chunk: 7 });
    assert.match(wire.head, /^HTTP\/1\.1 101 /);
    wire.text([null, "1", "phoenix", "heartbeat", {}]);
    assert.match((await wire.next()).payload.toString(), /phx_reply/);
  });

  test("what comes is one unmasked text frame a reply", async () => {
    const wire = await Wire.open(server);
    wire.text([null, "1", "phoenix", "heartbeat", {}]);
    const { opcode, fin, payload } = await wire.next();
    assert.deepEqual({ opcode, fin }, { opcode: 1, fin: true });
    assert.deepEqual(JSON.parse(payload), [null, "1", "phoenix", "phx_reply", { status: "ok", response: {} }]);
  });
});

describe("other requests", () => {
  test("a GET without an upgrade is answered 400 with a sentence", async () => {
    const { status, body } = await request(server, "/socket/websocket?vsn=2.0.0");
    assert.equal(status, 400);
    assert.match(body, /\w+ \w+/);
  });

  test("a GET without an upgrade and without vsn is answered 400 too", async () => {
    const { status, body } = await request(server, "/socket/websocket");
    assert.equal(status, 400);
    assert.match(body, /\w+ \w+/);
  });

  for (const [headers, why] of [
    [{ Connection: "keep-alive" }, "no Upgrade in Connection"],
    [{ Upgrade: "h2c" }, "an upgrade to something else"],
    [{ "Sec-WebSocket-Key": "" }, "an empty key"],
    [{ "Sec-WebSocket-Version": "8" }, "a version long gone"],
  ]) {
    test(`half an upgrade is refused (${why})`, async () => {
      const { status } = await request(server, "/socket/websocket?vsn=2.0.0", { upgrade: true, headers });
      assert.ok(status >= 400 && status < 500, `was ${status}`);
    });
  }

  for (const [headers, why] of [
    ["", "no Host"],
    ["Host: x\r\nHost: x\r\n", "two Hosts"],
    ["Host: x\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "two keys"],
    ["Host: x\r\nContent-Length: 2\r\n", "a body"],
    ["Host: x\r\nTransfer-Encoding: chunked\r\n", "a body in chunks"],
  ]) {
    test(`an upgrade with ${why} is answered 400`, async () => {
      const head = handshake(server).replace(/Host: .*\r\n/, headers);
      const wire = await Wire.open(server, { head });
      await wire.ended();
      assert.match(wire.head, /^HTTP\/1\.1 400 /);
    });
  }

  test("HEAD of the socket is answered 405, without a body", async () => {
    const wire = await Wire.open(server, { head: "HEAD /socket/websocket HTTP/1.1\r\nHost: x\r\n\r\n" });
    await wire.ended();
    assert.match(wire.head, /^HTTP\/1\.1 405 /);
    assert.equal(wire.rest, "");
  });

  test("/metrics is a page for Prometheus", async () => {
    const { status, headers, body } = await request(server, "/metrics");
    assert.equal(status, 200);
    assert.match(headers["content-type"], /^application\/openmetrics-text; version=1\.0\.0/);
    assert.match(body, /^hullo_connections \d+$/m);
    assert.match(body, /\n# EOF\n$/);
  });

  test("a POST to the socket is refused", async () => {
    const { status } = await request(server, "/socket/websocket?vsn=2.0.0", { method: "POST" });
    assert.ok(status >= 400 && status < 500, `was ${status}`);
  });

  for (const path of ["/", "/socket", "/socket/", "/socket/websocket/", "/socket/websockets", "/nope?vsn=2.0.0"]) {
    test(`${path} is 404`, async () => {
      assert.equal((await request(server, path)).status, 404);
    });
  }

  test("an upgrade on an unknown path is 404", async () => {
    assert.equal((await request(server, "/socket?vsn=2.0.0", { upgrade: true })).status, 404);
  });

  test("/healthz is 200", async () => {
    assert.equal((await request(server, "/healthz")).status, 200);
  });

  test("a handshake that does not end is ended: with 408, or without a word", async () => {
    const own = await Server.start("--handshake-timeout", "200ms");
    try {
      for (const head of ["", "GET /socket/websocket?vsn=2.0.0 HTTP/1.1\r\nHost: x\r\n"]) {
        const wire = await Wire.open(own, { head });
        await wire.ended();
        assert.match(wire.head, /^(HTTP\/1\.1 408 |$)/);
      }
    } finally {
      await own.stop();
    }
  });

  test("bytes that are no HTTP end that connection and nothing else", async () => {
    const wire = await Wire.open(server, { head: "\x16\x03\x01 is this TLS?\r\n\r\n" });
    await wire.ended();
    assert.doesNotMatch(wire.head, /^HTTP\/1\.1 [123]/);
    assert.equal((await request(server, "/healthz")).status, 200);
  });
});
