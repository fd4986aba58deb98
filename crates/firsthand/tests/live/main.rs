//! The running server, from outside: what clients are told, and what is left after the plug was
//! pulled.

mod backup;
mod channels;
mod erase;
mod import;
mod inapp;
mod key;
mod kill;
mod plays;
mod publish;
mod reports;
mod server;
mod slack;
