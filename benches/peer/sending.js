// Sends what waits: claims some, posts many at once, stores what was learned.
//
// A claim holds for a minute, so that texts of a process that died are sent by another. What was
// learned is stored together, a few milliseconds' worth in one statement.
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'

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

const twilio = process.env.TWILIO_URL && new Pool(process.env.TWILIO_URL, { connections: AT_ONCE })
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
  const { account_sid: account, auth_token: token } = text
  const answer = await twilio.request({
    method: 'POST',
    path: `/2010-04-01/Accounts/${account}/Messages.json`,
    headers: {
      authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      To: text.to_number,
      From: text.from_number,
      Body: text.body,
      StatusCallback: `${process.env.PUBLIC_URL}/webhooks/status`,
    }).toString(),
  })
  const body = await answer.body.json()
  if (answer.statusCode !== 201) throw new Error(`Twilio answers ${answer.statusCode}`)
  return body.sid
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
