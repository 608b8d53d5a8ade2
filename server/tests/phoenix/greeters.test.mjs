// Who is asked to answer a newcomer. Asked means: new_user without an "answer" key.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Peer, gather, isId, joined, room, same, serve, any } from "./harness.mjs";

/** A newcomer says helo; gives the members that were asked. All others must be told not to answer. */
async function asked(server, members, name = "newcomer") {
  const peer = await Peer.open(server);
  const newcomer = await peer.join(members[0].topic);
  await newcomer.helo(name);
  const picked = [];
  for (const member of members) {
    const payload = (await member.peer.next())[4];
    if ("answer" in payload) same(payload, { id: newcomer.id, name, answer: false });
    else {
      same(payload, { id: newcomer.id, name });
      picked.push(member);
    }
    await member.expectBroadcast("presence_diff", joined(newcomer.id, newcomer.meta));
  }
  return { newcomer, picked };
}

describe("by default", () => {
  const server = serve();

  test("32 others are all asked, of 33 and 34 others 32 are", async () => {
    const topic = room();
    const members = [];
    for (let n = 0; n < 32; n++) {
      const peer = await Peer.open(server);
      const member = await peer.join(topic);
      await member.helo(`m${n}`);
      members.push(member);
    }
    // Each has seen those who came after it, and was asked by all of them.
    for (const [n, member] of members.entries()) for (const later of members.slice(n + 1)) await member.sees(later);

    const first = await asked(server, members);
    assert.equal(first.picked.length, 32);
    members.push(first.newcomer);
    const second = await asked(server, members);
    assert.equal(second.picked.length, 32);
    members.push(second.newcomer);
    const third = await asked(server, members);
    assert.equal(third.picked.length, 32);
    for (const member of members) await member.silent();
  });
});

describe("--greeters 2", () => {
  const server = serve("--greeters", "2");

  test("one other is asked, two others are asked", async () => {
    const [ada] = await gather(server, room(), "ada");
    const one = await asked(server, [ada]);
    assert.equal(one.picked.length, 1);
    const two = await asked(server, [ada, one.newcomer]);
    assert.equal(two.picked.length, 2);
  });

  test("of three others exactly two are asked", async () => {
    const members = await gather(server, room(), "ada", "bob", "cyd");
    const { picked } = await asked(server, members);
    assert.equal(picked.length, 2);
  });

  test("of many others two are asked, and not always the same two", async () => {
    const members = await gather(server, room(), "ada", "bob", "cyd");
    const pairs = new Set();
    const everybody = new Set();
    for (let round = 0; round < 16; round++) {
      const { newcomer, picked } = await asked(server, members, `n${round}`);
      assert.equal(picked.length, 2);
      pairs.add(picked.map(({ id }) => id).join());
      for (const member of picked) everybody.add(member);
      members.push(newcomer);
    }
    assert.ok(pairs.size > 1, "the same two were asked sixteen times");
    assert.ok(everybody.size > 2);
  });

  test("members who have not said helo are not asked and do not count", async () => {
    const topic = room();
    for (let n = 0; n < 4; n++) await (await Peer.open(server)).join(topic);
    const [ada, bob] = await gather(server, topic, "ada", "bob");
    const { picked } = await asked(server, [ada, bob]);
    assert.equal(picked.length, 2);
  });

  test("members who left do not count any more", async () => {
    const members = await gather(server, room(), "ada", "bob");
    const { newcomer: cyd } = await asked(server, members);
    cyd.peer.end();
    for (const member of members) await member.seesLeave(cyd);
    const { picked } = await asked(server, members);
    assert.equal(picked.length, 2);
  });

  test("a member that was not asked may answer all the same", async () => {
    const members = await gather(server, room(), "ada", "bob", "cyd");
    const { newcomer, picked } = await asked(server, members);
    const [shy] = members.filter((member) => !picked.includes(member));
    await shy.ok("client_response", { message: "hello anyway", recipient: newcomer.id });
    await newcomer.expectPush("client_response", {
      message: "hello anyway",
      recipient: newcomer.id,
      client_session_id: shy.id,
    });
  });

  test("a rename asks nobody", async () => {
    const [ada, bob, cyd] = await gather(server, room(), "ada", "bob", "cyd");
    const ref = cyd.push("client_helo", { name: "sid" });
    await cyd.expectPush("presence_state", any);
    await cyd.peer.expectReply(cyd.joinRef, ref, cyd.topic, "ok", { id: isId, name: "sid" });
    for (const other of [ada, bob]) {
      await other.expectBroadcast("presence_diff", (diff) => diff.joins[cyd.id].metas[0].name === "sid");
      await other.silent();
    }
  });
});
