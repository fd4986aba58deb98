//! Holdouts: which accounts nobody is told of (PLAYS-2).
//!
//! An account is assigned once for a track and keeps its arm for ever. Whether it is held out is
//! told by a hash of account and track, so that it looks like chance and needs none; where a
//! stratum (a track and a band of sizes) has strayed from its share by a whole account, the next
//! one brings it back, so that arms stay alike in size and track.

use firsthand_model::Text;
use firsthand_model::config::{Share, Track};
use firsthand_model::play::{Arm, Exposure};
use rustc_hash::FxHashMap;

/// How far a stratum may stray from its share, in accounts.
const STRAY_MAX: f64 = 1.0;

#[derive(Clone, Debug, Default)]
pub(crate) struct Arms {
    of: FxHashMap<(Text, Track), Arm>,
    strata: FxHashMap<(Track, Text), Stratum>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Stratum {
    held_out: f64,
    wanted: f64,
}

impl Arms {
    /// Remembers an assignment that was written down; the first of an account and track counts.
    pub fn remember(&mut self, it: &Exposure) {
        self.note(&it.account, it.track, &it.size, Share(it.share), it.arm);
    }

    /// The arm of an account, if it was assigned.
    pub fn of(&self, account: &Text, track: Track) -> Option<Arm> {
        self.of.get(&(account.clone(), track)).copied()
    }

    /// The arm of an account; assigned now, if it was not before.
    pub fn assign(&mut self, account: &Text, track: Track, size: &Text, share: Share) -> Arm {
        if let Some(arm) = self.of(account, track) {
            return arm;
        }
        let stratum = self.strata.get(&(track, size.clone())).copied().unwrap_or_default();
        // How many too few there would be if this one were not held out.
        let short = stratum.wanted + share.fraction() - stratum.held_out;
        let hold = if short >= STRAY_MAX {
            true
        } else if short < 0.0 {
            false
        } else {
            fraction(account, track) < share.fraction()
        };
        let arm = if hold { Arm::HeldOut } else { Arm::Treated };
        self.note(account, track, size, share, arm);
        arm
    }

    fn note(&mut self, account: &Text, track: Track, size: &Text, share: Share, arm: Arm) {
        let key = (account.clone(), track);
        if self.of.contains_key(&key) {
            return;
        }
        self.of.insert(key, arm);
        let stratum = self.strata.entry((track, size.clone())).or_default();
        stratum.wanted += share.fraction();
        stratum.held_out += f64::from(u8::from(arm == Arm::HeldOut));
    }
}

/// A number from 0 to 1 that belongs to an account and a track.
fn fraction(account: &str, track: Track) -> f64 {
    let parts = [b"arm".as_slice(), track.word().as_bytes(), account.as_bytes()];
    f64::from(hashed(&parts)) / (f64::from(u32::MAX) + 1.0)
}

/// The part of the accounts that an account belongs to for a play, from 0 to 999: variants go by
/// it.
pub(crate) fn part(account: &str, play: &str) -> u32 {
    hashed(&[b"part".as_slice(), play.as_bytes(), account.as_bytes()]) % 1_000
}

fn hashed(parts: &[&[u8]]) -> u32 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    let bytes = hasher.finalize();
    u32::from_le_bytes(bytes.as_bytes()[..4].try_into().expect("four bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stratum_keeps_its_share_to_an_account() {
        let mut arms = Arms::default();
        for size in ["1", "2-9"] {
            let size: Text = size.into();
            let mut held = 0.0;
            for number in 1..=500 {
                let account: Text = format!("{size} {number}").into();
                let arm = arms.assign(&account, Track::Product, &size, Share(100));
                held += f64::from(u8::from(arm == Arm::HeldOut));
                let wanted = f64::from(number) * 0.1;
                assert!((held - wanted).abs() <= 1.0 + 1e-9, "{held} of {number}");
            }
        }
    }

    #[test]
    fn an_account_keeps_its_arm_whatever_its_size_and_the_share_become() {
        let mut arms = Arms::default();
        let accounts: Vec<Text> = (0..50).map(|it| format!("a{it}").into()).collect();
        let assign = |arms: &mut Arms, size: &'static str, share| {
            let of = |it: &Text| arms.assign(it, Track::Product, &size.into(), Share(share));
            accounts.iter().map(of).collect::<Vec<_>>()
        };
        let first = assign(&mut arms, "1", 200);
        assert_eq!(assign(&mut arms, "10-49", 900), first);
        assert!(first.contains(&Arm::HeldOut) && first.contains(&Arm::Treated));
    }

    #[test]
    fn without_a_share_nobody_is_held_out_and_with_all_of_it_everybody() {
        let mut arms = Arms::default();
        for number in 0..100 {
            let account: Text = format!("a{number}").into();
            let none = arms.assign(&account, Track::Product, &"1".into(), Share::NONE);
            let all = arms.assign(&account, Track::Marketing, &"1".into(), Share::ALL);
            assert_eq!((none, all), (Arm::Treated, Arm::HeldOut));
        }
    }
}
