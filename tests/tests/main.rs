//! The whole program from outside: the real binary in a process of its own, a simulated Twilio, and
//! either database. What is known here is what users know: settings, HTTP, and what Twilio sees.
//!
//! Each test has a [`harness::World`] of its own. `day_one` is the place to start reading.
#![cfg(test)]

mod harness;

mod accounts;
mod bad_input;
mod catch_up;
mod compat;
mod day_one;
mod delivery;
mod demo;
mod events;
mod gate;
mod imports;
mod inbox;
mod isolation;
mod labels;
mod media;
mod notes;
mod outage;
mod polling;
mod program;
mod reads;
mod replicas;
mod restart;
mod search;
mod secrets;
mod soak;
mod timeline;
mod webhooks;
