// What the inbox shows.
import { pool } from './database.js'

const CONVERSATIONS = {
  name: 'conversations',
  text: `SELECT c.id, c.channel_id, c.status, c.unread_count, c.last_message_body,
      c.last_message_direction, c.last_message_at, c.created_at, c.updated_at, c.lead_id,
      l.phone, l.name, l.email, l.status AS lead_status, l.source, l.tags
    FROM conversations c JOIN leads l ON l.id = c.lead_id
    WHERE c.tenant_id = $1 ORDER BY c.last_message_at DESC, c.id DESC LIMIT 50`,
}

export async function newestConversations(request, response) {
  const { rows } = await pool.query({ ...CONVERSATIONS, values: [request.tenant] })
  const data = rows.map((row) => ({
    id: row.id,
    channel_id: row.channel_id,
    status: row.status,
    unread_count: row.unread_count,
    last_message: {
      body: row.last_message_body,
      direction: row.last_message_direction,
      created_at: row.last_message_at,
    },
    last_message_at: row.last_message_at,
    lead: {
      id: row.lead_id,
      phone: row.phone,
      name: row.name,
      email: row.email,
      status: row.lead_status,
      source: row.source,
      tags: row.tags,
    },
    created_at: row.created_at,
    updated_at: row.updated_at,
  }))
  response.json({ data })
}

const MESSAGES = {
  name: 'messages',
  text: `SELECT id, conversation_id, direction, from_number, to_number, body, status,
      sid AS external_id, error_code, num_segments, num_media, from_city, from_state, from_zip,
      from_country, created_at, updated_at
    FROM messages WHERE conversation_id = $2 AND tenant_id = $1 ORDER BY id DESC LIMIT 50`,
}

export async function newestMessages(request, response) {
  const { rows } = await pool.query({
    ...MESSAGES,
    values: [request.tenant, request.params.id],
  })
  response.json({ data: rows })
}
