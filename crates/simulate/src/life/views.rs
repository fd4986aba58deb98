//! Who watches the videos: most of them few, some very many. It means nothing for buying.

use firsthand_model::Text;

use super::Life;
use crate::chance::Chance;

/// Views are counted so many days after a video came out.
const COUNTED_AFTER: [i64; 4] = [1, 3, 7, 21];

/// The audience of one video.
#[derive(Clone, Debug)]
pub(super) struct Audience {
    video: Text,
    published: i64,
    /// All views that it will have.
    views: i64,
}

impl Audience {
    /// One in a thousand is watched by ten thousands.
    pub fn draw(video: Text, published: i64, chance: &mut Chance) -> Self {
        Self { video, published, views: chance.heavy(30, 500_000, 0.9) }
    }
}

impl Life<'_> {
    pub(super) fn count_views(&mut self, day: i64) {
        let last = COUNTED_AFTER[COUNTED_AFTER.len() - 1];
        self.audiences.retain(|it| day - it.published <= last);
        for place in 0..self.audiences.len() {
            let Audience { video, published, views } = self.audiences[place].clone();
            let Some(step) = COUNTED_AFTER.iter().position(|it| day - published == *it) else {
                continue;
            };
            // Half of the views by the first count, then half of the rest, and so on.
            let views = views >> (step + 1);
            let at = self.world.calendar().instant(day, 3 * 3_600);
            self.tape.recorded(at, &self.account, "Video views counted", |it| {
                it.text("video", &video).number("views", views);
            });
        }
    }
}
