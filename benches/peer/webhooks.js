// What Twilio tells: texts that came in, and what became of texts that went out.
import twilio from 'twilio'

import { pool, transaction } from './database.js'
import { RANK } from './rank.js'

const PUBLIC_URL = process.env.PUBLIC_URL
const EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

const CHANNEL = {
  name: 'channel',
  text: 'SELECT id, tenant_id, account_sid, auth_token FROM channels WHERE phone_number = $1',
}

/** Lets through what is signed with the token of the channel that owns the number in `field`. */
export function signed(field) {
  return async (request, response, next) => {
    const { rows } = await pool.query({ ...CHANNEL, values: [request.body[field]] })
    const channel = rows[0]
    const signature = request.get('x-twilio-signature') ?? ''
    const url = PUBLIC_URL + request.originalUrl
    if (
      !channel ||
      channel.account_sid !== request.body.AccountSid ||
      !twilio.validateRequest(channel.auth_token, signature, url, request.body)
    ) {
      response.status(403).end()
      return
    }
    request.channel = channel
    next()
  }
}

const LEAD = {
  name: 'lead',
  text: `INSERT INTO leads (tenant_id, phone, last_contact_at) VALUES ($1, $2, now())
    ON CONFLICT (tenant_id, phone)
    DO UPDATE SET last_contact_at = now(), updated_at = now() RETURNING id`,
}

const CONVERSATION = {
  name: 'conversation',
  text: `INSERT INTO conversations
      (tenant_id, channel_id, lead_id, unread_count, last_message_body, last_message_direction)
    VALUES ($1, $2, $3, 1, $4, 'inbound')
    ON CONFLICT (channel_id, lead_id) DO UPDATE SET
      status = 'open', unread_count = conversations.unread_count + 1,
      last_message_body = excluded.last_message_body, last_message_direction = 'inbound',
      last_message_at = now(), updated_at = now()
    RETURNING id`,
}

const MESSAGE = {
  name: 'message',
  text: `INSERT INTO messages (tenant_id, conversation_id, direction, from_number, to_number, body,
      status, status_rank, sid, num_segments, num_media, from_city, from_state, from_zip,
      from_country)
    VALUES ($1, $2, 'inbound', $3, $4, $5, 'received', 0, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (sid) DO NOTHING`,
}

class Seen extends Error {}

/** A text came in: lead, conversation and message in one transaction, then the answer. */
export async function inbound(request, response) {
  const { body, channel } = request
  try {
    await transaction((client) => store(client, channel, body))
  } catch (error) {
    if (!(error instanceof Seen)) throw error
  }
  response.type('text/xml').send(EMPTY)
}

async function store(client, channel, body) {
  const tenant = channel.tenant_id
  const lead = await client.query({ ...LEAD, values: [tenant, body.From] })
  const conversation = await client.query({
    ...CONVERSATION,
    values: [tenant, channel.id, lead.rows[0].id, body.Body],
  })
  const message = await client.query({
    ...MESSAGE,
    values: [
      tenant,
      conversation.rows[0].id,
      body.From,
      body.To,
      body.Body,
      body.MessageSid,
      Number(body.NumSegments),
      Number(body.NumMedia),
      body.FromCity,
      body.FromState,
      body.FromZip,
      body.FromCountry,
    ],
  })
  // Told of before: what was counted a second time is taken back.
  if (message.rowCount === 0) throw new Seen()
}

const STATUS = {
  name: 'status',
  text: `UPDATE messages SET status = $3, status_rank = $4, error_code = $5, updated_at = now()
    WHERE sid = $2 AND tenant_id = $1 AND status_rank < $4`,
}

/** A status only rises; one statement is its own transaction. */
export async function status(request, response) {
  const { body, channel } = request
  const rank = RANK[body.MessageStatus]
  if (rank !== undefined) {
    const code = body.ErrorCode ? Number(body.ErrorCode) : null
    await pool.query({
      ...STATUS,
      values: [channel.tenant_id, body.MessageSid, body.MessageStatus, rank, code],
    })
  }
  response.type('text/xml').send(EMPTY)
}
