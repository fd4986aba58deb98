//! Sends what was decided: the worker of the outbox, and one file a channel.
