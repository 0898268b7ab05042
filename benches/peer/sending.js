// Sends what waits: claims some, posts many at once, stores what was learned.
//
// A claim holds for a minute, so that texts of a process that died are sent by another. What was
// learned is stored together, a few milliseconds' worth in one statement.
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import twilio from 'twilio'

import { pool } from './database.js'

const AT_ONCE = Number(process.env.AT_ONCE ?? 128)
const CLAIM_AT_LEAST = AT_ONCE / 4
const IDLE_MS = 20
const STORE_EVERY_MS = 5

const CLAIM = {
  name: 'claim',
  text: `UPDATE messages m SET status = 'sending', status_rank = 2, attempts = attempts + 1,
      locked_until = now() + interval '1 minute', updated_at = now()
    FROM channels c
    WHERE m.id IN (
        SELECT id FROM messages
        WHERE status IN ('queued', 'sending') AND (locked_until IS NULL OR locked_until < now())
        ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
      AND c.phone_number = m.from_number
    RETURNING m.id, m.from_number, m.to_number, m.body, c.account_sid, c.auth_token`,
}

const STORE = {
  name: 'store',
  text: `UPDATE messages m SET sid = r.sid, status = 'sent', status_rank = 3, locked_until = NULL,
      updated_at = now()
    FROM unnest($1::bigint[], $2::text[]) AS r (id, sid) WHERE m.id = r.id`,
}

// The package's own HTTP client, sent to the fake: it has no setting for another host, and keeps
// connections open to https alone.
class ToTheFake extends twilio.RequestClient {
  constructor() {
    super()
    this.axios.defaults.httpAgent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  }

  request(options) {
    const { pathname, search } = new URL(options.uri)
    return super.request({ ...options, uri: process.env.TWILIO_URL + pathname + search })
  }
}

const httpClient = new ToTheFake()
const clients = new Map()
let inFlight = 0
let learned = []

export async function sendForever() {
  void storeForever()
  for (;;) {
    const room = AT_ONCE - inFlight
    if (room < CLAIM_AT_LEAST) {
      await sleep(1)
      continue
    }
    const { rows } = await pool.query({ ...CLAIM, values: [room] })
    for (const text of rows) void send(text)
    if (rows.length === 0) await sleep(IDLE_MS)
  }
}

async function send(text) {
  inFlight += 1
  try {
    const sid = await post(text)
    learned.push({ id: text.id, sid })
  } catch (error) {
    // The claim runs out, and then it is tried again.
    console.error('not sent', text.id, error)
  } finally {
    inFlight -= 1
  }
}

async function post(text) {
  const message = await clientOf(text).messages.create({
    to: text.to_number,
    from: text.from_number,
    body: text.body,
    statusCallback: `${process.env.PUBLIC_URL}/webhooks/status`,
  })
  return message.sid
}

function clientOf({ account_sid: account, auth_token: token }) {
  const known = clients.get(account)
  if (known) return known
  const client = twilio(account, token, { httpClient })
  clients.set(account, client)
  return client
}

async function storeForever() {
  for (;;) {
    await sleep(STORE_EVERY_MS)
    if (learned.length === 0) continue
    const now = learned
    learned = []
    await pool.query({ ...STORE, values: [now.map((one) => one.id), now.map((one) => one.sid)] })
  }
}
