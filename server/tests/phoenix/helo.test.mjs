// Saying helo: who learns what, in which order, under which name; and the presence that follows from it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, gather, isId, isText, joined, marker, maybeText, meta, room, same, serve } from "./harness.mjs";

const server = serve();

describe("helo", () => {
  test("brings the newcomer its state, the reply and its own diff, in this order", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    const ref = channel.push("client_helo", { name: "ada" });
    const state = (await peer.next())[4];
    const [id] = Object.keys(state);
    assert.ok(isId(id));
    same(state, { [id]: { metas: [meta("ada")] } });
    await peer.expectReply(channel.joinRef, ref, channel.topic, "ok", { id, name: "ada" });
    await channel.expectBroadcast("presence_diff", joined(id, state[id].metas[0]));
    await peer.silent();
  });

  test("sends presence_state as a push to one member: its join_ref, ref null", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    channel.push("client_helo", { name: "ada" });
    same((await peer.next()).slice(0, 4), [channel.joinRef, null, channel.topic, "presence_state"]);
  });

  test("shows the others new_user and then the diff, both without refs", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    await bob.helo("bob");
    await ada.peer.expect([null, null, ada.topic, "new_user", { id: bob.id, name: "bob" }]);
    await ada.peer.expect([null, null, ada.topic, "presence_diff", joined(bob.id, meta("bob"))]);
    await ada.silent();
  });

  test("never brings the newcomer its own new_user", async () => {
    const [, bob] = await gather(server, room(), "ada", "bob");
    await bob.silent();
  });

  test("gives the newcomer the whole room, with the metas the room already has", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    same(cyd.state, {
      [ada.id]: { metas: [ada.meta] },
      [bob.id]: { metas: [bob.meta] },
      [cyd.id]: { metas: [cyd.meta] },
    });
  });

  test("shows one phx_ref for one arrival, in state and in every diff, and another for each arrival", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    assert.equal(ada.state[ada.id].metas[0].phx_ref, ada.meta.phx_ref);
    assert.notEqual(ada.meta.phx_ref, bob.meta.phx_ref);
  });

  test("gives every session an id of its own", async () => {
    const members = await gather(server, room(), "ada", "ada", "ada", "ada", "ada");
    assert.equal(new Set(members.map(({ id }) => id)).size, 5);
  });

  test("is not shown to other rooms", async () => {
    const [ada] = await gather(server, room(), "ada");
    await gather(server, room(), "bob");
    await ada.silent();
  });

  test("puts a given user into the meta", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    await bob.helo("bob", { user: "bob@example" });
    same(bob.meta, meta("bob", { user: "bob@example" }));
    await ada.sees(bob);
  });

  test("takes a user of at most 128 bytes, without what cannot be seen", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    for (const user of ["x".repeat(129), "é".repeat(65), "", " ", "\u200b\u202e"]) {
      await channel.refused("client_helo", { name: "ada", user }, "invalid_payload");
    }
    await channel.helo("ada", { user: " \u202e" + "é".repeat(64) + "\ufeff" });
    same(channel.meta, meta("ada", { user: "é".repeat(64) }));
  });

  test("ignores keys it does not know, and shows them to nobody", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    await bob.helo("bob", { id: ada.id, phx_ref: "forged", online_at: "0", client_session_id: ada.id, colour: "green" });
    assert.notEqual(bob.id, ada.id);
    same(bob.meta, meta("bob"));
    assert.notEqual(bob.meta.phx_ref, "forged");
    await ada.sees(bob);
  });

  test("with a null ref is answered with a null ref", async () => {
    const peer = await Peer.open(server);
    const channel = await peer.join(room());
    peer.send([channel.joinRef, null, channel.topic, "client_helo", { name: "ada" }]);
    await peer.next("the state");
    await peer.expectReply(channel.joinRef, null, channel.topic, "ok", { id: isId, name: "ada" });
  });

  test("refused leaves the session where it was: it may say helo again", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    await bob.refused("client_helo", { name: 7 }, "invalid_payload");
    await bob.refused("client_helo", { name: "x".repeat(33) }, "invalid_name");
    await ada.silent();
    await bob.helo("bob");
    await ada.sees(bob);
  });
});

describe("a second helo renames", () => {
  /** Says helo once more; gives the meta before and after. */
  async function rename(channel, name) {
    const before = channel.meta;
    const ref = channel.push("client_helo", { name });
    const state = (await channel.expectPush("presence_state", (value) => channel.id in value))[4];
    await channel.peer.expectReply(channel.joinRef, ref, channel.topic, "ok", { id: channel.id, name });
    const after = meta(name, { phx_ref_prev: before.phx_ref });
    const update = {
      joins: { [channel.id]: { metas: [after] } },
      leaves: { [channel.id]: { metas: [before] } },
    };
    const diff = (await channel.expectBroadcast("presence_diff", update))[4];
    channel.meta = diff.joins[channel.id].metas[0];
    channel.name = name;
    return { state, diff };
  }

  test("with the same id, a presence_state and a reply; the room sees one update and no new_user", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const { state, diff } = await rename(bob, "robert");
    assert.deepEqual(Object.keys(state).sort(), [ada.id, bob.id].sort());
    assert.equal(state[bob.id].metas.length, 1);
    assert.equal(state[bob.id].metas[0].name, "robert");
    await ada.expectBroadcast("presence_diff", diff);
    await ada.silent();
    await bob.silent();
  });

  test("with a new phx_ref and the online_at of the first", async () => {
    const [bob] = await gather(server, room(), "bob");
    const before = bob.meta;
    await rename(bob, "robert");
    assert.notEqual(bob.meta.phx_ref, before.phx_ref);
    assert.equal(bob.meta.phx_ref_prev, before.phx_ref);
    assert.equal(bob.meta.online_at, before.online_at);
  });

  test("so that whoever comes later sees the new name only", async () => {
    const [bob] = await gather(server, room(), "bob");
    await rename(bob, "robert");
    const peer = await Peer.open(server);
    const cyd = await peer.join(bob.topic);
    await cyd.helo("cyd");
    same(cyd.state[bob.id], { metas: [meta("robert", { phx_ref_prev: maybeText })] });
    await bob.sees(cyd);
  });

  test("so that the leave shows the last meta", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const { diff } = await rename(bob, "robert");
    await ada.expectBroadcast("presence_diff", diff);
    bob.peer.end();
    const leave = (await ada.expectBroadcast("presence_diff", (value) => bob.id in value.leaves))[4];
    same(leave, { joins: {}, leaves: { [bob.id]: { metas: [meta("robert", { phx_ref: bob.meta.phx_ref, phx_ref_prev: maybeText })] } } });
    await ada.silent();
  });

  test("or is refused for a bad name, and nothing changes", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    await bob.refused("client_helo", { name: "x".repeat(33) }, "invalid_name");
    await bob.refused("client_helo", {}, "invalid_payload");
    await marker(bob, ada);
  });
});

describe("names", () => {
  for (const [given, shown, why] of [
    ["a", "a", "one letter"],
    ["x".repeat(32), "x".repeat(32), "32 letters"],
    ["é".repeat(32), "é".repeat(32), "32 letters of two bytes"],
    ["e\u0301".repeat(32), "e\u0301".repeat(32), "32 letters with combining accents"],
    ["\u{1f426}".repeat(32), "\u{1f426}".repeat(32), "32 birds, 128 bytes"],
    ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467}".repeat(7), "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}".repeat(7), "7 families, 126 bytes, joiners kept"],
    ["\u{1f1f5}\u{1f1f1}".repeat(16), "\u{1f1f5}\u{1f1f1}".repeat(16), "16 flags, 128 bytes"],
    ["ada" + "\u202e".repeat(100), "ada", "more than 128 bytes that are mostly removed"],
    ["שלום", "שלום", "right to left by nature"],
    ["ada lovelace", "ada lovelace", "a blank inside"],
    ['<b>"ada"\\', '<b>"ada"\\', "markup, quotes and a backslash"],
    ["a\u0000d\u0007a", "ada", "controls removed"],
    ["\u001b[31mada\u001b[0m", "[31mada[0m", "escapes made harmless"],
    ["a\nd\r\ta", "ada", "line ends and tabs removed"],
    ["a\u007fd\u0085a\u009b", "ada", "DEL and C1 controls removed"],
    ["\u202eada\u202c", "ada", "overrides removed"],
    ["\u202aa\u202bd\u202da\u202c", "ada", "embeddings removed"],
    ["\u2066a\u2067d\u2068a\u2069", "ada", "isolates removed"],
  ]) {
    test(`may be ${why}`, async () => {
      const [ada] = await gather(server, room(), "watcher");
      const peer = await Peer.open(server);
      const bob = await peer.join(ada.topic);
      await bob.helo(given);
      assert.equal(bob.name, shown);
      assert.equal(bob.meta.name, shown);
      await ada.sees(bob);
    });
  }

  for (const [name, why] of [
    ["", "empty"],
    ["x".repeat(33), "33 letters"],
    ["\u{1f426}".repeat(31) + "e\u0301\u0301", "129 bytes in 32 characters"],
    ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467}".repeat(8), "8 families, 144 bytes"],
    ["a" + "\u0301".repeat(64), "a wall of accents, 129 bytes in one character"],
    ["x".repeat(10_000), "10,000 letters"],
    ["\u0000\u0007\u202e", "empty once controls and overrides are removed"],
  ]) {
    test(`may not be ${why}: invalid_name`, async () => {
      const peer = await Peer.open(server);
      const channel = await peer.join(room());
      await channel.refused("client_helo", { name }, "invalid_name");
    });
  }
});

describe("status", () => {
  /** Pushes a status and gives the diff that the sender sees, whichever comes first, reply or diff. */
  async function setStatus(channel, payload) {
    const ref = channel.push("client_status", payload);
    const frames = [await channel.peer.next(), await channel.peer.next()];
    const reply = frames.find(([, replied]) => replied === ref);
    same(reply, [channel.joinRef, ref, channel.topic, "phx_reply", { status: "ok", response: {} }]);
    const diff = frames.find((frame) => frame !== reply);
    same(diff.slice(0, 4), [null, null, channel.topic, "presence_diff"]);
    return diff[4];
  }

  for (const state of ["here", "idle", "away", "dnd"]) {
    test(`${state} is one diff: leave of the old meta, join of the new one with phx_ref_prev`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      const diff = await setStatus(bob, { state });
      same(diff, {
        joins: { [bob.id]: { metas: [meta("bob", { state, phx_ref_prev: bob.meta.phx_ref })] } },
        leaves: { [bob.id]: { metas: [bob.meta] } },
      });
      assert.notEqual(diff.joins[bob.id].metas[0].phx_ref, bob.meta.phx_ref);
      assert.equal(diff.joins[bob.id].metas[0].online_at, bob.meta.online_at);
      await ada.expectBroadcast("presence_diff", diff);
      await ada.silent();
      await bob.silent();
    });
  }

  for (const [given, shown, why] of [
    ["lunch", "lunch", "a word"],
    ["x".repeat(140), "x".repeat(140), "140 letters"],
    ["\u{1f426}".repeat(140), "\u{1f426}".repeat(140), "140 birds, 560 bytes"],
    ["\u{1f1f5}\u{1f1f1}".repeat(70), "\u{1f1f5}\u{1f1f1}".repeat(70), "70 flags, 560 bytes"],
    ["a\u001b[2J\nb\u202ec", "a[2Jbc", "text with controls and overrides, which are removed"],
  ]) {
    test(`text may be ${why}`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      const diff = await setStatus(bob, { state: "away", text: given });
      same(diff.joins[bob.id].metas, [meta("bob", { state: "away", text: shown, phx_ref_prev: isText })]);
      await ada.expectBroadcast("presence_diff", diff);
    });
  }

  for (const [text, why] of [
    ["x".repeat(141), "141 letters"],
    ["\u{1f426}".repeat(141), "141 birds"],
    ["\u{1f1f5}\u{1f1f1}".repeat(71), "71 flags, 568 bytes"],
  ]) {
    test(`text may not be ${why}: invalid_name, and the room sees nothing`, async () => {
      const [ada, bob] = await gather(server, room(), "ada", "bob");
      await bob.refused("client_status", { state: "away", text }, "invalid_name");
      await marker(bob, ada);
    });
  }

  for (const [status, shown, why] of [
    ["away", { state: "away" }, "a bare state"],
    [{ state: "dnd" }, { state: "dnd" }, "a state in an object"],
    [{ state: "idle", text: "tea\u0007" }, { state: "idle", text: "tea" }, "a state with a text"],
  ]) {
    test(`may come with the helo: ${why}`, async () => {
      const [ada] = await gather(server, room(), "ada");
      const peer = await Peer.open(server);
      const bob = await peer.join(ada.topic);
      await bob.helo("bob", { status });
      same(bob.meta, meta("bob", shown));
      await ada.sees(bob);
    });
  }

  test("that will not do refuses the helo it comes with", async () => {
    const [ada] = await gather(server, room(), "ada");
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    for (const status of ["gone", 7, [], {}, { text: "x" }]) {
      await bob.refused("client_helo", { name: "bob", status }, "invalid_payload");
    }
    await bob.refused("client_helo", { name: "bob", status: { state: "away", text: "x".repeat(141) } }, "invalid_name");
    await ada.silent();
  });

  test("is there for whoever comes later", async () => {
    const [ada] = await gather(server, room(), "ada");
    const diff = await setStatus(ada, { state: "dnd", text: "writing" });
    const peer = await Peer.open(server);
    const bob = await peer.join(ada.topic);
    await bob.helo("bob");
    const { phx_ref } = diff.joins[ada.id].metas[0];
    same(bob.state[ada.id], {
      metas: [meta("ada", { state: "dnd", text: "writing", phx_ref, phx_ref_prev: maybeText })],
    });
  });

  test("chains phx_ref_prev from one update to the next", async () => {
    const [ada] = await gather(server, room(), "ada");
    let last = ada.meta;
    for (const state of ["away", "here", "dnd", "idle"]) {
      const diff = await setStatus(ada, { state });
      const [next] = diff.joins[ada.id].metas;
      assert.equal(next.phx_ref_prev, last.phx_ref);
      assert.equal(diff.leaves[ada.id].metas[0].phx_ref, last.phx_ref);
      assert.equal(diff.leaves[ada.id].metas[0].state, last.state);
      last = next;
    }
  });

  test("is shown by the leave as it was last", async () => {
    const [ada, bob] = await gather(server, room(), "ada", "bob");
    const diff = await setStatus(bob, { state: "away", text: "bye" });
    await ada.expectBroadcast("presence_diff", diff);
    bob.peer.end();
    const leave = await ada.expectBroadcast("presence_diff", (value) => bob.id in value.leaves);
    const [last] = leave[4].leaves[bob.id].metas;
    same(last, meta("bob", { state: "away", text: "bye", phx_ref: diff.joins[bob.id].metas[0].phx_ref, phx_ref_prev: maybeText }));
  });
});
