//! Whose clock is right.
//!
//! A device's clock may be wrong by minutes or years. Where a message says when it was sent, by the
//! same clock, the difference to its arrival is the error, and its times are moved by it. A
//! difference beyond the source's limit is no clock that is wrong but a message sent late.
//!
//! Two vendors' server clients keep the first `sentAt` when they send again, so that an outage of
//! ten minutes looks like a clock ten minutes late. Of messages that say they come from a server,
//! only a clock that is ahead is corrected: servers keep their clocks right, and outages happen.

use firsthand_model::{Span, Time};

use crate::draft::{Fault, Out};
use crate::instant::TimeReader;
use crate::record::Value;
use crate::report::NoticeCode;

/// A time so little after its arrival is no surprise: clocks differ.
const AHEAD_TOLERATED: Span = Span::MINUTE;

/// The clocks of one message.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub received_at: Time,
    /// When it was sent, by the sender's clock.
    sent_at: Option<Time>,
    /// The longest difference that is corrected; `None` where the sender's clock is believed.
    skew_max: Option<Span>,
    /// The message says that it comes from a server.
    is_server: bool,
    /// The times are those of old events, and right.
    is_past: bool,
    times: TimeReader,
}

impl Clock {
    pub(super) fn new(received_at: Time, skew_max: Option<Span>) -> Self {
        // What lies in the future is looked at below, not refused by the reader.
        let times = TimeReader::utc(Time::MAX);
        Self { received_at, sent_at: None, skew_max, is_server: false, is_past: false, times }
    }

    /// The clock of events that happened long ago: nothing is moved, and what lies in the future is
    /// refused.
    pub(super) fn of_past(received_at: Time) -> Self {
        let times = TimeReader::utc(received_at);
        Self { received_at, sent_at: None, skew_max: None, is_server: false, is_past: true, times }
    }

    /// Learns when the message was sent, if that can be read.
    #[must_use]
    pub(super) fn sent(&self, value: &Value<'_>) -> Self {
        let sent_at = self.times.read(value).map(|it| it.time).ok();
        Self { sent_at: sent_at.or(self.sent_at), ..self.clone() }
    }

    /// The same, of a message that says that it comes from a server, or does not.
    #[must_use]
    pub(super) fn of_server(&self, is_server: bool) -> Self {
        Self { is_server, ..self.clone() }
    }

    /// The same, with the sender's clock believed.
    #[must_use]
    pub(super) fn believed(&self) -> Self {
        Self { skew_max: None, ..self.clone() }
    }

    /// Reads a time and moves it to our clock.
    pub(super) fn corrected(
        &self,
        column: &str,
        value: &Value<'_>,
        out: &mut Out<'_>,
    ) -> Result<Time, Fault> {
        let said = out.time(&self.times, column, value)?;
        Ok(self.arrived(said + self.skew(), out))
    }

    /// By how much the sender's clock is behind ours.
    fn skew(&self) -> Span {
        let Some((sent_at, max)) = self.sent_at.zip(self.skew_max) else {
            return Span::ZERO;
        };
        let skew = self.received_at - sent_at;
        let is_late = skew.0.abs() > max.0 || (self.is_server && skew.0 > 0);
        if is_late { Span::ZERO } else { skew }
    }

    /// Reads a time that is right as it stands.
    pub(super) fn stated(
        &self,
        column: &str,
        value: &Value<'_>,
        out: &mut Out<'_>,
    ) -> Result<Time, Fault> {
        let said = out.time(&self.times, column, value)?;
        Ok(self.arrived(said, out))
    }

    /// Nothing happens after it has arrived (LIVE-4).
    fn arrived(&self, time: Time, out: &mut Out<'_>) -> Time {
        if self.is_past || time <= self.received_at {
            return time;
        }
        if time > self.received_at + AHEAD_TOLERATED {
            out.notice(NoticeCode::FutureTime, || format!("{time}, which arrived before"));
        }
        self.received_at
    }
}
