//! The protocols of the live server, held to what the vendors' own clients send.

mod any;
mod clients;
mod cloudevents;
mod contract;
mod own;
mod posthog;
mod rudderstack;
mod segment;
mod snowplow;
mod start;
mod stripe;
mod support;
