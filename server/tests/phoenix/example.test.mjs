// examples/hello.mjs, as whoever copies it runs it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import readline from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Peer, meta, serve, within } from "./harness.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A folder with the example and the packages, as `npm install` leaves one. */
let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "hullo-example-"));
  cpSync(here("../../../examples/hello.mjs"), join(folder, "hello.mjs"));
  symlinkSync(here("node_modules"), join(folder, "node_modules"), "junction");
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The example at work; it is over with the server's test. */
class Example {
  constructor(server, ...name) {
    const script = [join(folder, "hello.mjs"), `${server.origin}/socket`, ...name];
    this.child = spawn(process.execPath, script, { stdio: ["ignore", "pipe", "inherit"] });
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    server.owns(this);
  }

  end() {
    this.child.kill("SIGKILL");
  }

  /** The next line must be this. */
  async prints(expected) {
    const { value } = await within(this.lines.next(), `the line ${JSON.stringify(expected)}`);
    assert.equal(value, expected);
  }

  /** The next line must list exactly these people. */
  async lists(...names) {
    const { value } = await within(this.lines.next(), `the list of ${names}`);
    assert.match(value, /^here: /);
    assert.deepEqual(value.slice(6).split(", ").sort(), names);
  }
}

/** Somebody who arrives and finds the example. */
async function newcomer(server, name) {
  const peer = await Peer.open(server);
  const channel = await peer.join("room:lobby");
  return channel.helo(name);
}

const idOf = (channel, name) => Object.keys(channel.state).find((id) => channel.state[id].metas[0].name === name);

describe("the example", () => {
  const server = serve();

  test("greets a newcomer, and shows who is there and what is said", async () => {
    const example = new Example(server);
    await example.lists("hal");
    const ada = await newcomer(server, "ada");
    const hal = idOf(ada, "hal");
    const greeting = { message: "hello there ada", recipient: ada.id, client_session_id: hal, auto: true };
    await ada.expectPush("client_response", greeting);
    await example.lists("ada", "hal");
    await ada.ok("client_broadcast", { message: "anybody\u001b[2J\u009b31m\u202e there?" });
    await example.prints("ada: anybody[2J31m there?");
    await ada.ok("client_response", { message: "psst", recipient: hal });
    await example.prints("ada to you: psst");
    ada.peer.end();
    await example.lists("hal");
    example.end();
  });
});

describe("the example, when its server restarts", () => {
  const server = serve();

  test("comes back, says helo again and greets again", async () => {
    const example = new Example(server, "eve");
    await example.lists("eve");
    await server.kill();
    await server.restart();
    const ada = await newcomer(server, "ada");
    if (!idOf(ada, "eve")) await ada.peer.until(([, , , event]) => event === "new_user");
    const bo = await newcomer(server, "bo");
    const greeting = { message: "hello there bo", recipient: bo.id, client_session_id: idOf(bo, "eve"), auto: true };
    await bo.expectPush("client_response", greeting);
  });
});

describe("the example, when nobody is asked to answer", () => {
  const server = serve("--greeters", "0");

  test("does not answer", async () => {
    const example = new Example(server);
    await example.lists("hal");
    const ada = await newcomer(server, "ada");
    await example.lists("ada", "hal");
    // What it said would come before its leave.
    example.end();
    const hal = idOf(ada, "hal");
    const leaves = { [hal]: { metas: [meta("hal")] } };
    await ada.expectBroadcast("presence_diff", { joins: {}, leaves });
  });
});
