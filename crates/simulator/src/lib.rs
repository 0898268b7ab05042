//! A stand-in Twilio: its REST API, its signed webhooks, its receipts and its bad days, and a
//! handset page on which one texts as the customer. Nothing of it leaves the machine but the
//! webhooks, which go where the simulated accounts say.
//!
//! It promises to be as strict as the real one and to share no code with the service's Twilio
//! client: what both sides have wrong together, no test would find.
//!
//! # Control API
//!
//! JSON under `/_simulator`; errors are `{"error": "…"}` with 400 or 404. Times are milliseconds
//! since the Unix epoch.
//!
//! | call | takes | answers |
//! |---|---|---|
//! | `POST accounts` | an [`AccountSeed`]; creates or replaces it, makes up empty SIDs and secrets | the account |
//! | `GET accounts` | | `{accounts: [AccountSeed]}`, secrets included |
//! | `POST inbound` (`?wait=false`: don't wait for the webhook) | `{account_sid, from, to, body?, media?: [{content_type, url? or base64?}], extra_params?: {name: value}}` | `{message_sid, webhook}` |
//! | `GET messages` | `?account_sid= &direction= &to= &from= &between= &and= &limit=` | `{messages: […]}` in order of arrival, the last `limit` |
//! | `POST messages/{sid}/status` | `{status, error_code?}`; posts a callback by hand | `{webhook}` |
//! | `GET messages/{sid}/media/{ME}` | | the bytes |
//! | `POST faults` | `{kind, account_sid?, to?, on?, count?, probability?, retry_after?, latency_ms?}` | the fault with its `id` |
//! | `GET faults`, `DELETE faults` | `?id= &account_sid=` | `{faults: […]}`, 204 |
//! | `POST receipts` | `{account_sid?, delay_ms?: [least, most], shuffle?, duplicate?, drop?, sending?, outcome?: {status, error_code?}, outcomes?: {recipient: outcome}, seed?}` | the whole policy |
//! | `GET webhooks` | `?account_sid= &message_sid= &kind= &limit=` | `{webhooks: […]}`, one per try |
//! | `POST webhooks/replay` | `{message_sid}` | `{webhook}` |
//! | `GET state`, `DELETE state` (`?accounts=true`: accounts too) | | counts (requests let in by operation, faults that struck by kind), opt-outs, addresses; 204 |
//!
//! A message has `arrived_us`, when its request came in, in microseconds, and `acknowledged`, the
//! statuses whose callback was answered with 2xx.
//!
//! `webhook` is `null` where no URL is configured, else `{status, attempts, ms, error, error_code,
//! content_type, body}`. Kinds of faults: `rate_limited`, `queue_full`, `server_error`,
//! `html_error`, `unavailable`, `drop_before_accept`, `drop_after_accept`, `hang_after_accept`,
//! `latency`; `on` is `create` (default), `fetch`, `list`, `update`, `media`, `account`, `number`
//! or `any`.

mod account;
mod app;
mod cdn;
mod chance;
mod control;
mod error;
mod faults;
mod fetch;
mod handset;
mod inbound;
mod message;
mod mms;
mod optout;
mod outbound;
mod policy;
mod rest;
mod server;
mod signature;
mod state;
mod text;
mod token;
mod webhook;

pub use account::{
    AccountKind, AccountSeed, AccountStatus, ApiKey, Capabilities, MessagingService, Number,
};
pub use error::Error;
pub use server::{Options, Simulator, start};
pub use token::Token;
