// What an afternoon with Node and its usual WebSocket library gives: joins, helos with their
// announcements, broadcasts, responses and heartbeats, each frame read and written as JSON. There is
// no presence and no limit: it is for the load generator alone.

import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';

/** Who has said helo, by topic: sockets by their ids. */
const rooms = new Map();

const frame = (...items) => JSON.stringify(items);

const handlers = {
  client_helo(socket, topic, payload) {
    const room = rooms.get(topic) ?? new Map();
    rooms.set(topic, room);
    const person = { id: socket.id, name: payload.name };
    tellOthers(socket, room, frame(null, null, topic, 'new_user', person));
    room.set(socket.id, socket);
    socket.room = room;
    return person;
  },
  client_broadcast(socket, topic, payload) {
    const message = { ...payload, client_session_id: socket.id };
    tellOthers(socket, socket.room, frame(null, null, topic, 'client_broadcast', message));
    return {};
  },
  client_response(socket, topic, payload) {
    const message = { ...payload, client_session_id: socket.id };
    const recipient = socket.room.get(payload.recipient);
    recipient?.send(frame('1', null, topic, 'client_response', message));
    return {};
  },
};

function tellOthers(socket, room, text) {
  for (const other of room.values()) {
    if (other !== socket) other.send(text);
  }
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096 });

server.on('connection', (socket) => {
  socket.id = randomUUID();
  socket.on('message', (data) => {
    const [joinRef, ref, topic, event, payload] = JSON.parse(data);
    const response = handlers[event]?.(socket, topic, payload) ?? {};
    socket.send(frame(joinRef, ref, topic, 'phx_reply', { status: 'ok', response }));
  });
  socket.on('close', () => socket.room?.delete(socket.id));
  socket.on('error', () => socket.terminate());
});

server.on('listening', () => console.log(`listening on ws://127.0.0.1:${server.address().port}`));

// Whoever has started this holds its standard input.
process.stdin.on('end', () => process.exit()).resume();
