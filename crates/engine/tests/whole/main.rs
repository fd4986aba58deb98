//! The whole engine over a store and a history of its own: what people do, who is erased, how it
//! starts, and a hundred seeded worlds with canaries.

mod acts;
mod erasure;
mod families;
mod importing;
mod limits;
mod publish;
mod quietly;
mod saved;
#[path = "../world/server.rs"]
mod server;
mod service;
mod simulation;
mod standings;
#[path = "../world/mod.rs"]
mod world;
#[path = "../world/written.rs"]
mod written;
